//! The arguments: one field per option, help and completions follow.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use countersign::crypto::Digest;
use countersign::distrust::Why;
use countersign::policy::{Expectations, SummaryExpectation};
use countersign::reports::{self, Report};
use countersign::time::Time;
use countersign::verdict::Question;

use crate::identity::args::Identity;
use crate::limits::Limit;
use crate::policies::args::Policy;
use crate::revocation::ImportRevocation;
use crate::store::StoreOptions;

/// Is it signed, is the signer trusted, is the release path controlled? With evidence, offline.
///
/// A signature proves origin, not quality. Exit codes: 0 admitted, 1 refused, 2 could not run,
/// 3 refused only because evidence is missing.
#[derive(Parser)]
#[command(name = "countersign", version, propagate_version = true, subcommand_required = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Judge artifacts: one verdict each; directories are walked
    Verify(Verify),
    /// Show what is there: formats, signatures, chains, checks, claims; no policy, no opinion
    Inspect(Inspect),
    /// Show the reasoning step by step, and what would change the answer
    Explain(Explain),
    /// Policies as code
    #[command(subcommand)]
    Policy(Policy),
    /// Trust anchors, their date and source
    #[command(subcommand)]
    Trust(Trust),
    /// The registry of signing identities: who owns each, what it may do, when it must rotate
    Identity(Identity),
    /// Write what must not be trusted to a deny list, which every verifier honours with --distrust
    Deny(Deny),
    /// List the signature formats
    Formats,
    /// Write shell completions to standard output
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the man page to standard output
    Man {
        /// The command to describe; without one, `countersign` itself
        command: Option<String>,
    },
    /// Write the JSON Schema of a document to standard output
    #[command(hide = true)]
    Schema {
        /// The document
        #[arg(default_value = "verdict", value_parser = ["verdict", "facts"])]
        of: String,
    },
}

#[derive(Args)]
pub(crate) struct Verify {
    /// Files and directories to judge
    #[arg(value_name = "ARTIFACT", required_unless_present = "digest")]
    pub(crate) artifacts: Vec<PathBuf>,
    /// Judge a digest instead of a file
    #[arg(long, value_name = "ALG:HEX", conflicts_with = "artifacts")]
    pub(crate) digest: Option<Digest>,
    /// How to write the verdict
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = report_parser())]
    pub(crate) format: &'static Report,
    /// Keep the verdicts in the store, with the facts, so that they can be judged again without the file
    #[arg(long)]
    pub(crate) record: bool,
    /// Where the artifacts are relied on, for the record; default: the name of this host
    #[arg(long, value_name = "TEXT", requires = "record")]
    pub(crate) place: Option<String>,
    #[command(flatten)]
    pub(crate) statement: StatementOptions,
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
    #[command(flatten)]
    pub(crate) appraisal: AppraisalOptions,
}

/// In whose name the verdict is stated to others.
#[derive(Args, Default)]
#[command(next_help_heading = "Statements (--format vsa, svr)")]
pub(crate) struct StatementOptions {
    /// Identifier of this verifier, as others know it
    #[arg(long, value_name = "URI")]
    pub(crate) as_verifier: Option<String>,
    /// Resource as which the artifact was judged (vsa); `{name}` in it stands for the artifact's name
    #[arg(long, value_name = "URI")]
    pub(crate) as_resource: Option<String>,
    /// Sign each statement with this key (Ed25519 or ECDSA P-256, PKCS #8, PEM or DER), in a DSSE envelope
    #[arg(long, value_name = "FILE")]
    pub(crate) sign_key: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// The file, or a directory that is signed as a whole
    #[arg(value_name = "ARTIFACT", required_unless_present = "digest")]
    pub(crate) artifact: Option<PathBuf>,
    /// Inspect the evidence for a digest instead of a file
    #[arg(long, value_name = "ALG:HEX", conflicts_with = "artifact")]
    pub(crate) digest: Option<Digest>,
    /// How to write it; `dossier` is what `policy test` reads again
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json", "dossier"])]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// Files, and directories that are signed as a whole
    #[arg(value_name = "ARTIFACT", required_unless_present_any = ["digest", "reasons"])]
    pub(crate) artifacts: Vec<PathBuf>,
    /// Explain the verdict on a digest instead of a file
    #[arg(long, value_name = "ALG:HEX", conflicts_with = "artifacts")]
    pub(crate) digest: Option<Digest>,
    /// Only this question
    #[arg(long, short, value_name = "Q", value_parser = question_parser())]
    pub(crate) question: Option<Question>,
    /// List every word that verdicts use as a reason, with its meaning and what would change it
    #[arg(long, conflicts_with_all = ["artifacts", "digest", "question", "facts"])]
    pub(crate) reasons: bool,
    /// Write the facts that the verdict rests on as JSON, for OPA, jq and rules of your own: one document for one
    /// artifact, an array for several
    #[arg(long, conflicts_with = "question")]
    pub(crate) facts: bool,
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
    #[command(flatten)]
    pub(crate) appraisal: AppraisalOptions,
}

#[derive(Subcommand)]
pub(crate) enum Trust {
    /// Show the anchors that are accepted: for what, since when, from where
    Show(TrustShow),
    /// Read anchors from files, show them, and write them as one bundle for --anchor
    Import(TrustImport),
    /// Keep revocation lists and OCSP responses in the store, with their dates, for `verify --store`
    ImportRevocation(ImportRevocation),
    /// Read lists of abused certificates and files that others publish, and write them as one list for --distrust
    ImportDistrust(ImportDistrust),
}

/// Lists of what must not be trusted, to be joined.
#[derive(Args)]
pub(crate) struct ImportDistrust {
    /// CertGraveyard or abuse.ch CSV, LOLDrivers JSON, Microsoft's disallowedcert.stl, revocation lists,
    /// certificates, CSV with the columns of an entry, lists of Countersign
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Name of the list; default: the names of the formats
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Terms that the data comes under
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) licence: String,
    #[command(flatten)]
    pub(crate) output: ListOutput,
}

/// Where a list goes, and who signs it.
#[derive(Args)]
pub(crate) struct ListOutput {
    /// Write the list to this file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Sign it with this key (Ed25519 or ECDSA P-256, PKCS #8, PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Date of the list (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) dated: Option<Time>,
}

/// One thing that must not be trusted.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(
    ["certificate", "serial", "spki", "file", "digest", "identity"]
)))]
pub(crate) struct Deny {
    /// Deny this certificate (PEM or DER)
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Option<PathBuf>,
    /// Deny the certificate of --serial by this issuer (RFC 4514 text, or the hexadecimal of the DER name)
    #[arg(long, value_name = "NAME", requires = "serial")]
    pub(crate) issuer: Option<String>,
    /// Serial number in hexadecimal, with --issuer: alone it names nothing
    #[arg(long, value_name = "HEX", requires = "issuer")]
    pub(crate) serial: Option<String>,
    /// Deny every certificate of this key: SHA-256 of its SubjectPublicKeyInfo
    #[arg(long, value_name = "HEX")]
    pub(crate) spki: Option<String>,
    /// Deny this file, by its SHA-256
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Deny the file of this digest (sha1, sha256 or sha512)
    #[arg(long, value_name = "ALG:HEX")]
    pub(crate) digest: Option<Digest>,
    /// Deny an identity, as the registry writes selectors: {"team-id":"ABCDE12345"}
    #[arg(long, value_name = "JSON")]
    pub(crate) identity: Option<String>,
    /// Why
    #[arg(long, value_name = "WORD", value_parser = why_parser())]
    pub(crate) reason: Why,
    /// First known abuse: signatures that a trusted time proves to be older stay as they are
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) since: Option<Time>,
    /// A word for people
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Where to read more
    #[arg(long, value_name = "URL")]
    pub(crate) reference: Option<String>,
    /// Extend the list in the file instead of writing a new one
    #[arg(long)]
    pub(crate) append: bool,
    /// Name of a new list
    #[arg(long, value_name = "NAME", default_value = "deny list")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) output: ListOutput,
}

#[derive(Args)]
pub(crate) struct TrustShow {
    /// A bundle or certificates to show instead of the built-in anchors
    pub(crate) file: Option<PathBuf>,
    /// Show the revocation information in the store instead
    #[arg(long, conflicts_with = "file")]
    pub(crate) revocation: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct TrustImport {
    /// Certificates (PEM or DER), Microsoft's signed root list (authroot.stl, with the certificates that it
    /// names), Sigstore trusted roots
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write the anchors to this file, as a bundle for --anchor
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How to show them
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

/// What the relying party brings.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Evidence and trust")]
pub(crate) struct EvidenceOptions {
    /// Bundle, attestation, detached signature or OCI image layout; repeat for more
    #[arg(short, long, value_name = "FILE")]
    pub(crate) evidence: Vec<PathBuf>,
    /// What you obtained yourself from the forge, registry or gateway about the run, commit or release (repeat)
    #[arg(long, value_name = "FILE")]
    pub(crate) observed: Vec<PathBuf>,
    /// Do not look for evidence beside the artifact (NAME.sigstore.json, NAME.intoto.jsonl, NAME.sig …)
    #[arg(long)]
    pub(crate) no_discover: bool,
    /// Public key or certificate to accept (PEM or DER), or public keys of OpenSSH; repeat for more
    #[arg(short, long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// Additional trust anchor (PEM or DER certificates); repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,
    /// Certificate revocation list (PEM or DER); repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,
    /// List of what must not be trusted, plain or signed (`countersign deny`, `countersign trust import-distrust`);
    /// repeat for more. The environment variable `COUNTERSIGN_DISTRUST` names more, separated as in PATH
    #[arg(long, value_name = "FILE")]
    pub(crate) distrust: Vec<PathBuf>,
    /// Public key (PEM or DER) by which every list of --distrust must be signed; repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) distrust_key: Vec<PathBuf>,
    /// OCSP response (DER or PEM); repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) ocsp: Vec<PathBuf>,
    /// in-toto layout that the release must have followed; its links are given with --evidence
    #[arg(long, value_name = "FILE", requires = "layout_key")]
    pub(crate) layout: Option<PathBuf>,
    /// Public key of an owner of the layout (PEM, DER or OpenSSH), all of whom must have signed it; repeat for more
    #[arg(long, value_name = "FILE", requires = "layout")]
    pub(crate) layout_key: Vec<PathBuf>,
    /// Statement by which hardware attests the signer's key (docs/key-attestation.md); repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) key_attestation: Vec<PathBuf>,
    /// Anchor to accept for such statements, and for nothing else (PEM or DER); repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) attestation_anchor: Vec<PathBuf>,
    /// Sigstore trusted root to use instead of the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,
    /// Judge as of this instant (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
    /// Resource limit: artifact-bytes, memory-bytes, signatures, depth, seconds; repeat for more
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) limit: Vec<Limit>,
    /// Permit network look-ups; nothing uses the network yet, so that giving it ends the run
    #[arg(long)]
    pub(crate) online: bool,
}

/// Who must have signed the policy.
#[derive(Args, Debug, Default)]
pub(crate) struct OwnersOptions {
    /// Public key of an owner of the policy (PEM, DER or OpenSSH), who must have signed it (`policy sign`); repeat for more
    #[arg(long, value_name = "FILE")]
    pub(crate) policy_key: Vec<PathBuf>,
    /// So many of the owners must have signed; default: all
    #[arg(long, value_name = "COUNT", requires = "policy_key")]
    pub(crate) policy_threshold: Option<usize>,
    /// Where the signatures are; default: beside the policy, with `.dsse.json` added to its name
    #[arg(long, value_name = "FILE", requires = "policy_key")]
    pub(crate) policy_signatures: Option<PathBuf>,
}

impl OwnersOptions {
    /// The same with every relative path taken from this directory.
    fn below(&mut self, base: &Path) {
        rebase(self.policy_key.iter_mut().chain(&mut self.policy_signatures), base);
    }
}

/// Under what the evidence is weighed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Policy and expectations")]
#[command(group(clap::ArgGroup::new("vsa_about").multiple(true).args(["vsa_resource", "vsa_level"])))]
pub(crate) struct AppraisalOptions {
    /// Policy file; default: the built-in policy
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) owners: OwnersOptions,
    /// Environment in the policy
    #[arg(long, value_name = "NAME", default_value = "production")]
    pub(crate) environment: String,
    /// Expected signer: certificate name or alternative name; `*` stands for any characters
    #[arg(long, value_name = "NAME")]
    pub(crate) signer: Option<String>,
    /// Expected OpenID Connect or certificate issuer; `*` stands for any characters
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// Expected source repository; without a scheme, https:// is meant
    #[arg(long, value_name = "URI")]
    pub(crate) source: Option<String>,
    /// Expected full source reference (refs/heads/main)
    #[arg(long, value_name = "REF")]
    pub(crate) source_ref: Option<String>,
    /// Expected source tag, exactly
    #[arg(long, value_name = "TAG")]
    pub(crate) source_tag: Option<String>,
    /// Expected source tag, as far as its version parts are given (v13 fits v13.0.30)
    #[arg(long, value_name = "TAG")]
    pub(crate) source_versioned_tag: Option<String>,
    /// Expected source branch
    #[arg(long, value_name = "BRANCH")]
    pub(crate) source_branch: Option<String>,
    /// Expected builder; without `@`, any release of it
    #[arg(long, value_name = "ID")]
    pub(crate) builder: Option<String>,
    /// Expected package name
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Expected package version
    #[arg(long, value_name = "VERSION")]
    pub(crate) package_version: Option<String>,
    /// Identifier of the verifier whose verification summary (VSA, SVR) is accepted
    #[arg(long, value_name = "ID", requires = "vsa_about")]
    pub(crate) vsa_verifier: Option<String>,
    /// Resource that the summary must be about; an SVR names none
    #[arg(long, value_name = "URI", requires = "vsa_verifier")]
    pub(crate) vsa_resource: Option<String>,
    /// Level or property that the summary must name, or a higher level of its track; repeat for more
    #[arg(long, value_name = "LEVEL", requires = "vsa_verifier")]
    pub(crate) vsa_level: Vec<String>,
    /// Expected input of the build; repeat for more
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) workflow_input: Vec<Input>,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

impl EvidenceOptions {
    /// The same with every relative path taken from this directory.
    pub(crate) fn below(mut self, base: &Path) -> Self {
        let lists = [
            &mut self.evidence,
            &mut self.observed,
            &mut self.key,
            &mut self.anchor,
            &mut self.crl,
            &mut self.distrust,
            &mut self.distrust_key,
            &mut self.ocsp,
            &mut self.layout_key,
            &mut self.key_attestation,
            &mut self.attestation_anchor,
        ];
        let single = [&mut self.layout, &mut self.trusted_root];
        rebase(lists.into_iter().flatten().chain(single.into_iter().flatten()), base);
        self
    }
}

fn rebase<'a>(paths: impl Iterator<Item = &'a mut PathBuf>, base: &Path) {
    paths.for_each(|path| *path = base.join(&path));
}

impl AppraisalOptions {
    /// The same with every relative path taken from this directory.
    pub(crate) fn below(mut self, base: &Path) -> Self {
        rebase(self.policy.iter_mut().chain(&mut self.store.store), base);
        self.owners.below(base);
        self
    }

    /// What is expected of the artifact.
    pub(crate) fn expectations(&self) -> Expectations {
        Expectations {
            signer: self.signer.clone(),
            issuer: self.issuer.clone(),
            source: self.source.clone(),
            source_ref: self.source_ref.clone(),
            source_tag: self.source_tag.clone(),
            source_versioned_tag: self.source_versioned_tag.clone(),
            source_branch: self.source_branch.clone(),
            builder: self.builder.clone(),
            package: self.package.clone(),
            package_version: self.package_version.clone(),
            workflow_inputs: self
                .workflow_input
                .iter()
                .map(|input| (input.name.clone(), input.value.clone()))
                .collect(),
            summary: self.summary(),
        }
    }

    /// The summary that is expected.
    fn summary(&self) -> Option<SummaryExpectation> {
        let (verifier, resource) = (self.vsa_verifier.clone()?, self.vsa_resource.clone());
        Some(SummaryExpectation { verifier, resource, levels: self.vsa_level.clone() })
    }
}

/// `NAME=VALUE` of a build input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    name: String,
    value: String,
}

impl FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let split = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) = split.ok_or("expected NAME=VALUE")?;
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

fn why_parser() -> impl TypedValueParser<Value = Why> {
    let values = Why::ALL.iter().map(|why| PossibleValue::new(why.word()).help(why.meaning()));
    PossibleValuesParser::new(values).try_map(|word| Why::of_word(&word).ok_or("no such reason"))
}

fn report_parser() -> impl TypedValueParser<Value = &'static Report> {
    let values = reports::REPORTS.iter().map(|report| PossibleValue::new(report.id).help(report.title));
    PossibleValuesParser::new(values).try_map(|id| reports::named(&id).ok_or("no such report"))
}

fn question_parser() -> impl TypedValueParser<Value = Question> {
    let values = Question::ALL.iter().map(|question| PossibleValue::new(question.word()).help(question.text()));
    PossibleValuesParser::new(values)
        .try_map(|word| Question::ALL.into_iter().find(|question| question.word() == word).ok_or("no such question"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_input_is_split_at_the_first_equals_sign() {
        let input: Input = "version=a=b".parse().unwrap();
        assert_eq!(input, Input { name: "version".into(), value: "a=b".into() });
        assert!("version".parse::<Input>().is_err());
        assert!("=x".parse::<Input>().is_err());
    }
}
