//! The arguments of `identity`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign::event::{IdentityId, Kind, Source, Text};
use countersign::registry::{BindingField, State};
use countersign::time::Time;

use super::fields::Setting;
use crate::store::StoreOptions;

/// The registry of signing identities.
#[derive(Args)]
pub(crate) struct Identity {
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Record an identity that was found, or is to be made
    Add(Add),
    /// Say who answers for an identity, or hand it over
    Claim(Claim),
    /// State fields of an identity, each with its source
    Describe(Describe),
    /// Bind an identity to where it signs; takes effect when somebody else approves
    Bind(Bind),
    /// Say what an identity is expected to sign; takes effect when somebody else approves
    Expect(Expect),
    /// Let what others proposed take effect
    Approve(Plain),
    /// Drop what others proposed
    Reject(Plain),
    /// Let an approved identity sign
    Activate(Activate),
    /// Begin to replace its key or certificate, or end that with --finish
    Rotate(Rotate),
    /// Let it sign nothing for now
    Suspend(Plain),
    /// Let it sign again
    Resume(Plain),
    /// Let it sign nothing any more; what it signed before stays as it was
    Retire(Plain),
    /// Record that its key is gone
    Destroy(Destroy),
    /// Record since when somebody else could have signed in its name
    Compromise(Compromise),
    /// Record that its entry was looked at and is right
    Review(Review),
    /// Record that one of its owners left
    OwnerLeft(OwnerLeft),
    /// Approve that it signs from elsewhere than its binding says
    Allow(Allow),
    /// List identities
    List(List),
    /// Show one identity: state, fields with source and date, bindings, timeline
    Show(Show),
    /// Read identities or events from a file: CSV, or JSON lines that `export` or `learn` wrote
    Import(Import),
    /// Write all events as JSON lines, or the state of today as CSV
    Export(Export),
    /// Propose identities from the signatures in a tree of artifacts, as a file to review and import
    Learn(Learn),
    /// Read an inventory: which digest is installed where
    ImportInventory(ImportInventory),
    /// List what changes if an identity is compromised since an instant: artifacts, versions, places
    Blast(Blast),
    /// Check that nothing in the store was lost or changed
    Check(Check),
}

/// Who says it, why, and when: without these nothing changes.
#[derive(Args)]
pub(crate) struct Because {
    /// Who says so; default: the account that runs this
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<Text>,
    /// Why: a ticket, an incident, a sentence
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Text,
    /// When (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
    /// Only if the identity has this many events: as many as `show` listed when this was decided
    #[arg(long, value_name = "N")]
    pub(crate) expect: Option<u64>,
}

/// By what the signatures of an identity are known. Never by a name alone.
#[derive(Args, Default)]
#[command(next_help_heading = "Known by (repeat for more)")]
pub(crate) struct Selectors {
    /// SHA-256 of the public key (`SubjectPublicKeyInfo`), in hexadecimal
    #[arg(long, value_name = "SHA256")]
    pub(crate) key: Vec<String>,
    /// Legal entity: country, registration number, and the organisation as the certificate writes it
    #[arg(long, num_args = 3, value_names = ["COUNTRY", "NUMBER", "NAME"])]
    pub(crate) organization: Vec<Text>,
    /// Apple developer team
    #[arg(long, value_name = "TEAM")]
    pub(crate) team_id: Vec<Text>,
    /// Durable identity of a signing service: usage under 1.3.6.1.4.1.311.97
    #[arg(long, value_name = "OID")]
    pub(crate) durable_id: Vec<Text>,
    /// Workload: OpenID Connect issuer, number of the repository, number of its owner
    #[arg(long, num_args = 3, value_names = ["ISSUER", "REPOSITORY-ID", "OWNER-ID"])]
    pub(crate) workload: Vec<Text>,
    /// Account: OpenID Connect issuer and e-mail address
    #[arg(long, num_args = 2, value_names = ["ISSUER", "EMAIL"])]
    pub(crate) account: Vec<Text>,
    /// Account of a forge: its address, such as `https://github.com`, and the account's number, not its login
    #[arg(long, num_args = 2, value_names = ["FORGE", "NUMBER"])]
    pub(crate) forge_account: Vec<Text>,
}

/// Fields that are stated.
#[derive(Args)]
#[command(next_help_heading = "Fields")]
pub(crate) struct Fields {
    /// A field: purpose, environments (with commas), review-due, end-of-life, escalation, rotation-due, key …;
    /// repeat for more
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<Setting>,
    /// Where these fields come from: discovered, declared or attested
    #[arg(long, value_name = "SOURCE", value_parser = word(Source::of_word), default_value = "declared")]
    pub(crate) source: Source,
}

#[derive(Args)]
pub(crate) struct Plain {
    /// The identity
    pub(crate) id: IdentityId,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Add {
    /// Its name in the registry: a-z, 0-9, `-`, `_`, `.`
    pub(crate) id: IdentityId,
    /// What kind it is: x509-code-signing, oidc-workload, oidc-person, openpgp, ssh, minisign, kms, tuf-role,
    /// apple-team, android-key, trusted-publisher or git-key
    #[arg(long, value_name = "KIND", value_parser = word(Kind::of_word))]
    pub(crate) kind: Kind,
    /// What people call it; never used to match
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Text,
    /// Where it was found
    #[arg(long, value_name = "PLACE", default_value = "command line")]
    pub(crate) found_in: Text,
    #[command(flatten)]
    pub(crate) selectors: Selectors,
    /// The person who answers for it: claims it at once
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<Text>,
    /// The person who answers for it when the owner cannot
    #[arg(long, value_name = "NAME", requires = "owner")]
    pub(crate) second_owner: Option<Text>,
    #[command(flatten)]
    pub(crate) fields: Fields,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Claim {
    /// The identity
    pub(crate) id: IdentityId,
    /// The person who answers for it
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Text,
    /// The person who answers for it when the owner cannot
    #[arg(long, value_name = "NAME")]
    pub(crate) second_owner: Option<Text>,
    #[command(flatten)]
    pub(crate) fields: Fields,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Describe {
    /// The identity
    pub(crate) id: IdentityId,
    #[command(flatten)]
    pub(crate) fields: Fields,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Bind {
    /// The identity
    pub(crate) id: IdentityId,
    /// What proves that it is theirs: a certificate, a key attestation, a successful run
    #[arg(long, value_name = "TEXT")]
    pub(crate) proof: Text,
    #[command(flatten)]
    pub(crate) selectors: Selectors,
    #[command(flatten)]
    pub(crate) binding: Binding,
    #[command(flatten)]
    pub(crate) because: Because,
}

/// From where an identity signs. What is not given is not compared.
#[derive(Args)]
#[command(next_help_heading = "Signs from")]
pub(crate) struct Binding {
    /// OpenID Connect issuer
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<Text>,
    /// Number of the repository's owner
    #[arg(long, value_name = "ID")]
    pub(crate) owner_id: Option<Text>,
    /// Number of the repository
    #[arg(long, value_name = "ID")]
    pub(crate) repository_id: Option<Text>,
    /// Address of the repository
    #[arg(long, value_name = "URI")]
    pub(crate) repository: Option<Text>,
    /// Workflow that is the entry of the run, without `@` and reference
    #[arg(long, value_name = "URI")]
    pub(crate) workflow: Option<Text>,
    /// Commit of that workflow
    #[arg(long, value_name = "COMMIT")]
    pub(crate) workflow_digest: Option<Text>,
    /// Reusable workflow that signs, without `@` and reference
    #[arg(long, value_name = "URI")]
    pub(crate) signer: Option<Text>,
    /// References that it signs for; `*` stands for any characters; repeat for more
    #[arg(long, value_name = "REF")]
    pub(crate) reference: Vec<Text>,
    /// Events that set off its runs; repeat for more
    #[arg(long, value_name = "EVENT")]
    pub(crate) trigger: Vec<Text>,
    /// Class of its runners
    #[arg(long, value_name = "CLASS")]
    pub(crate) runner: Option<Text>,
    /// Deployment environment of its jobs
    #[arg(long, value_name = "NAME")]
    pub(crate) deployment: Option<Text>,
    /// Alias of its key at a signing gateway
    #[arg(long, value_name = "ALIAS")]
    pub(crate) gateway_key: Option<Text>,
    /// From when on; default: when it is recorded
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) valid_from: Option<Time>,
}

#[derive(Args)]
pub(crate) struct Expect {
    /// The identity
    pub(crate) id: IdentityId,
    /// Name of a file; `*` stands for any characters; repeat for more
    #[arg(long, value_name = "PATTERN", required_unless_present = "package")]
    pub(crate) file: Vec<Text>,
    /// Package URL or name; `*` stands for any characters; repeat for more
    #[arg(long, value_name = "PATTERN")]
    pub(crate) package: Vec<Text>,
    /// It is not expected to sign this any more
    #[arg(long)]
    pub(crate) no_longer: bool,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Activate {
    /// The identity
    pub(crate) id: IdentityId,
    /// From when on, where it signed before it was registered
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) since: Option<Time>,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Rotate {
    /// The identity
    pub(crate) id: IdentityId,
    /// When the replacement must be done
    #[arg(
        long,
        value_name = "TIME",
        allow_negative_numbers = true,
        required_unless_present = "finish",
        conflicts_with = "finish"
    )]
    pub(crate) until: Option<Time>,
    /// The replacement is done
    #[arg(long)]
    pub(crate) finish: bool,
    /// When the next one is due
    #[arg(long, value_name = "TIME", allow_negative_numbers = true, requires = "finish")]
    pub(crate) next_due: Option<Time>,
    #[command(flatten)]
    pub(crate) selectors: Selectors,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Destroy {
    /// The identity
    pub(crate) id: IdentityId,
    /// What proves it
    #[arg(long, value_name = "TEXT")]
    pub(crate) proof: Text,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Compromise {
    /// The identity
    pub(crate) id: IdentityId,
    /// From when on somebody else could have signed
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) since: Time,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Review {
    /// The identity
    pub(crate) id: IdentityId,
    /// When to look again
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) next: Time,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct OwnerLeft {
    /// The identity
    pub(crate) id: IdentityId,
    /// Who left
    #[arg(long, value_name = "NAME")]
    pub(crate) who: Text,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct Allow {
    /// The identity
    pub(crate) id: IdentityId,
    /// What differs: repository-id, repository, workflow, reference, trigger, runner …
    #[arg(long, value_name = "FIELD", value_parser = word(BindingField::of_word))]
    pub(crate) field: BindingField,
    /// What the binding says; without it, whatever it says
    #[arg(long, value_name = "VALUE")]
    pub(crate) from: Option<Text>,
    /// What is right too
    #[arg(long, value_name = "VALUE")]
    pub(crate) to: Text,
    /// From when on
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) valid_from: Time,
    /// Until when
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) valid_until: Option<Time>,
    /// The ticket or merge that decided it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Text,
    #[command(flatten)]
    pub(crate) because: Because,
}

#[derive(Args)]
pub(crate) struct List {
    /// Only those in this state; repeat for more
    #[arg(long, value_name = "STATE", value_parser = word(State::of_word))]
    pub(crate) state: Vec<State>,
    /// Only those of this owner or second owner
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<Text>,
    /// Only those whose review or rotation is overdue
    #[arg(long)]
    pub(crate) overdue: bool,
    /// Only those without owner, or whose owner left
    #[arg(long)]
    pub(crate) unowned: bool,
    /// Only those of whom no signature was recorded for 90 days
    #[arg(long)]
    pub(crate) stale: bool,
    /// As of this instant (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The identity
    pub(crate) id: IdentityId,
    /// As of this instant (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct Import {
    /// CSV with a header, or JSON lines of events
    pub(crate) file: PathBuf,
    /// A column of the CSV that has another name than the field; repeat for more
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub(crate) map: Vec<String>,
    /// Read everything and say what is wrong; write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Who says so; default: the account that runs this. JSON lines name their own
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<Text>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Text,
    /// When (RFC 3339, or Unix seconds); default: now. JSON lines name their own
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
}

#[derive(Args)]
pub(crate) struct Export {
    /// jsonl: all events, to be imported again; csv: the state of today
    #[arg(long, value_name = "NAME", default_value = "jsonl", value_parser = ["jsonl", "csv"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct Learn {
    /// Files and directories to learn from
    #[arg(required = true, value_name = "ARTIFACT")]
    pub(crate) artifacts: Vec<PathBuf>,
    /// Write the proposals to this file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) evidence: crate::args::EvidenceOptions,
    /// Who proposes; default: the account that runs this
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<Text>,
}

#[derive(Args)]
pub(crate) struct ImportInventory {
    /// CSV with the columns place, digest, name, version, observed; or a JSON array of such objects
    pub(crate) file: PathBuf,
    /// When it was seen, for lines that do not say; default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
}

#[derive(Args)]
pub(crate) struct Blast {
    /// The identity
    pub(crate) id: IdentityId,
    /// Since when somebody else could have signed; default: what is recorded
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) since: Option<Time>,
    /// As of this instant (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct Check {
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

/// Reads a word of a closed set.
fn word<T: Clone + Send + Sync + 'static>(
    of_word: fn(&str) -> Option<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |word| of_word(word).ok_or_else(|| "no such word; --help lists them".to_owned())
}
