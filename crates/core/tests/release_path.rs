//! The release path under policies that name builders: levels, vouchers, parameters, dependencies.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::too_many_arguments)]

mod dossiers;

use std::collections::BTreeMap;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Fact, Source, SourceNamedIn, Standing, Voucher};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::evidence::{CheckId, Outcome, Signature};
use countersign::finding::{Finding, FindingId};
use countersign::identity::{Assurance, Signer};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use countersign::verdict::{Answer, Decision, Verdict};

use dossiers::{built_by, claim, dossier, fulcio, in_file};

const ATTEST: &str = "https://actions.github.io/buildtypes/workflow/v1";
const SIGNER: &str = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";
const CALLER: &str = "https://github.com/acme/other/.github/workflows/ci.yml@refs/heads/main";
const HOSTED: &str = "github-hosted";
/// SHA-256 of the key of [`by_key`].
const KEY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A builder by the workflow of [`fulcio`]'s signature.
const RELEASE: &str = r#"
    [builders.release]
    id = "https://github.com/acme/app/.github/workflows/release.yml"
    signer = { issuer = "https://token.actions.githubusercontent.com", workflow = "acme/app/.github/workflows/release.yml" }
    level = 3
    build_types = ["https://actions.github.io/buildtypes/workflow/v1"]
"#;

fn policy(builders: &str, path: &str) -> Policy {
    let text = format!(
        "schema = 1\nname = \"p\"\n{builders}\n[environment.production.signed]\nintact = \"required\"\n\
         [environment.production.path]\n{path}\n"
    );
    Policy::parse(&text, "p").unwrap()
}

fn verdict(policy: &Policy, signature: Signature, claims: Vec<Claim>) -> Verdict {
    let (expectations, registry) = (Expectations::default(), Registry::default());
    let at = Time::from_unix(0);
    let terms = Terms { policy, environment: "production", expectations: &expectations, registry: &registry, at };
    appraise(dossier(vec![signature], claims), &terms).unwrap()
}

/// Answer and reason of the requirement, of which the policy asks exactly one under `path`.
fn answer(builders: &str, path: &str, signature: Signature, claims: Vec<Claim>) -> (Answer, &'static str) {
    let verdict = verdict(&policy(builders, path), signature, claims);
    let of_path = &verdict.questions[2].requirements[0];
    (of_path.answer, of_path.reason)
}

fn by(voucher: Voucher, fact: Fact) -> Claim {
    Claim { vouched_by: voucher, ..claim(0, fact) }
}

fn statement(voucher: Voucher, builder: &str, build_type: &str) -> Claim {
    by(voucher, Fact::BuiltBy { builder: builder.to_owned(), build_type: Some(build_type.to_owned()), graded: None })
}

fn certificate(signer: &str, caller: &str, runner: &str) -> Claim {
    let pairs = [("build-signer-uri", signer), ("build-config-uri", caller), ("runner-environment", runner)];
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    by(Voucher::Ca, Fact::WorkflowIdentity(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect()))
}

/// GitHub's attestation by the workflow of `acme/app`, started by this workflow on this runner.
fn attested(caller: &str, runner: &str) -> Vec<Claim> {
    vec![
        certificate(SIGNER, caller, runner),
        by(Voucher::Ca, built_by(SIGNER)),
        statement(Voucher::Platform, SIGNER, ATTEST),
    ]
}

fn parameters(voucher: Voucher, pairs: &[(&str, &str)]) -> Claim {
    let parameters = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    by(voucher, Fact::BuiltWith { parameters })
}

/// A signature by a key that the relying party accepts.
fn by_key() -> Signature {
    let mut signature = in_file("dsse", "app.intoto.jsonl");
    let key = Digest::of(DigestAlgorithm::Sha256, b"");
    assert_eq!(key.hex(), KEY);
    signature.signer = Signer { spki_sha256: Some(key), ..Signer::default() };
    signature.assurance = Assurance::KeyOnly;
    for id in [CheckId::Structure, CheckId::Signature, CheckId::Subject, CheckId::Chain, CheckId::Validity] {
        signature.check(id, Outcome::Pass, "");
    }
    signature
}

#[test]
fn a_level_is_granted_by_the_table() {
    let of = |path: &str| answer("", path, fulcio("app", 0), attested(CALLER, HOSTED));
    assert_eq!(of("provenance = \"verified\""), (Answer::Yes, "provenance-verified"));
    assert_eq!(of("provenance = { level = 2 }"), (Answer::Yes, "provenance-verified"));
    assert_eq!(of("provenance = { level = 3 }"), (Answer::No, "build-level-not-reached"));
    assert_eq!(
        of("provenance = { builder = \"github-attest-build-provenance\" }"),
        (Answer::Yes, "provenance-verified")
    );
    assert_eq!(of("provenance = { builder = \"npm-cli-github\" }"), (Answer::No, "builder-mismatch"));
    assert_eq!(of("provenance = { level = 2, voucher = \"platform\" }"), (Answer::Yes, "provenance-verified"));
    assert_eq!(of("provenance = { voucher = \"log\" }"), (Answer::NotEstablished, "voucher-not-accepted"));
}

#[test]
fn the_row_and_the_level_are_shown() {
    let verdict = verdict(&policy("", "provenance = \"verified\""), fulcio("app", 0), attested(CALLER, HOSTED));
    let detail = &verdict.questions[2].requirements[0].detail;
    assert!(detail.ends_with("; build level 2 by `github-attest-build-provenance`"), "{detail}");
}

#[test]
fn level_3_of_a_reusable_workflow_must_show() {
    let of = |claims| answer(RELEASE, "provenance = { builder = \"release\", level = 3 }", fulcio("app", 0), claims);
    assert_eq!(of(attested(CALLER, HOSTED)), (Answer::Yes, "provenance-verified"));
    assert_eq!(of(attested(SIGNER, HOSTED)), (Answer::No, "build-level-not-reached"));
    assert_eq!(of(attested(CALLER, "self-hosted")), (Answer::No, "build-level-not-reached"));
    assert_eq!(of(attested("", HOSTED)), (Answer::NotEstablished, "build-level-not-shown"));
    assert_eq!(of(attested(CALLER, "")), (Answer::NotEstablished, "build-level-not-shown"));
}

#[test]
fn an_identity_counts_only_if_fulcio_copied_it_from_a_token() {
    let mut signature = fulcio("app", 0);
    signature.assurance = Assurance::OrganizationValidated;
    let path = "provenance = { level = 1 }";
    assert_eq!(answer("", path, signature, attested(CALLER, HOSTED)), (Answer::No, "build-level-not-reached"));
}

#[test]
fn a_policy_may_lower_a_level_and_never_raise_what_the_job_can_forge() {
    let lower = RELEASE.replace("level = 3", "level = 1");
    let path = "provenance = { builder = \"release\", level = 2 }";
    assert_eq!(
        answer(&lower, path, fulcio("app", 0), attested(CALLER, HOSTED)),
        (Answer::No, "build-level-not-reached")
    );

    let npm = "https://github.com/actions/runner/github-hosted";
    let npm_type = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1";
    let raised = RELEASE.replace(
        "https://github.com/acme/app/.github/workflows/release.yml\"\n    signer",
        &format!("{npm}\"\n    signer"),
    );
    let raised = raised.replace(ATTEST, npm_type);
    let claims = || vec![certificate(SIGNER, CALLER, HOSTED), statement(Voucher::Ca, npm, npm_type)];
    let of = |level: u8| {
        let path = format!("provenance = {{ builder = \"release\", level = {level} }}");
        answer(&raised, &path, fulcio("app", 0), claims())
    };
    assert_eq!(of(2), (Answer::Yes, "provenance-verified"));
    assert_eq!(of(3), (Answer::No, "build-level-not-reached"));
}

/// A statement that nobody knows the builder of: its claims are those of whoever wrote it.
fn unknown(builder: &str) -> Vec<Claim> {
    let source = Source {
        repository: "https://git.example/app".to_owned(),
        reference: Some("refs/tags/v1".to_owned()),
        commit: Some("c0".to_owned()),
        branch: None,
        named_in: SourceNamedIn::Material,
    };
    vec![statement(Voucher::Tenant, builder, "https://ci.example/type"), by(Voucher::Tenant, Fact::BuiltFrom(source))]
}

#[test]
fn a_key_that_a_policy_names_speaks_for_its_builder_alone() {
    let builders = format!(
        "[builders.ci]\nid = \"https://ci.example/builder\"\nsigner = {{ key = \"sha256:{KEY}\" }}\nlevel = 2\n"
    );
    let named = "provenance = { builder = \"ci\", level = 2, voucher = \"platform\" }";
    assert_eq!(
        answer(&builders, named, by_key(), unknown("https://ci.example/builder")),
        (Answer::Yes, "provenance-verified")
    );
    assert_eq!(answer(&builders, named, by_key(), unknown("https://ci.example/other")).0, Answer::NotEstablished);
    let other_key = builders.replace(KEY, &"00".repeat(32));
    assert_eq!(answer(&other_key, named, by_key(), unknown("https://ci.example/builder")).0, Answer::NotEstablished);
    assert_eq!(
        answer("", "provenance = \"verified\"", by_key(), unknown("https://ci.example/builder")),
        (Answer::NotEstablished, "voucher-not-accepted")
    );

    // What its statements say of the source counts with it, the commit too.
    let source = "provenance = { builder = \"ci\" }\nsource = { repo = \"https://git.example/app\", commit = \"c0\" }";
    let all = verdict(&policy(&builders, source), by_key(), unknown("https://ci.example/builder"));
    assert_eq!(all.decision, Decision::Admit);
    let other_commit = source.replace("c0", "c1");
    let all = verdict(&policy(&builders, &other_commit), by_key(), unknown("https://ci.example/builder"));
    assert_eq!(all.decision, Decision::Refuse);
}

#[test]
fn a_builder_of_level_1_vouches_for_nothing_more_than_its_job() {
    let builders = format!("[builders.ci]\nid = \"https://ci.example/builder\"\nsigner = {{ key = \"{KEY}\" }}\n");
    let of = |path: &str| answer(&builders, path, by_key(), unknown("https://ci.example/builder"));
    assert_eq!(of("provenance = { builder = \"ci\", level = 1 }"), (Answer::NotEstablished, "voucher-not-accepted"));
    assert_eq!(
        of("provenance = { builder = \"ci\", level = 1, voucher = \"tenant\" }"),
        (Answer::Yes, "provenance-verified")
    );
    assert_eq!(
        of("provenance = { builder = \"ci\", level = 2, voucher = \"tenant\" }"),
        (Answer::No, "build-level-not-reached")
    );
}

/// A statement in the name of a tool that the workflow of [`SIGNER`] ran.
fn of_tool(tool: &str) -> Vec<Claim> {
    let refuted = Claim { standing: Standing::Refuted, ..statement(Voucher::Tenant, tool, ATTEST) };
    vec![certificate(SIGNER, CALLER, HOSTED), by(Voucher::Ca, built_by(SIGNER)), refuted]
}

#[test]
fn who_speaks_in_anothers_name_is_refuted_unless_the_policy_pairs_them() {
    let tool = "https://github.com/acme/tool/.github/workflows/build.yml@refs/tags/v2.0.0";
    assert_eq!(
        answer("", "provenance = \"verified\"", fulcio("app", 0), of_tool(tool)),
        (Answer::No, "claim-contradicted")
    );
    let pair = RELEASE.replace(
        "id = \"https://github.com/acme/app/.github/workflows/release.yml\"",
        "id = \"https://github.com/acme/tool/.github/workflows/build.yml\"",
    );
    let path = "provenance = { builder = \"release\", level = 3 }\nbuilder = [\"https://github.com/acme/tool/.github/workflows/build.yml\"]";
    let all = verdict(&policy(&pair, path), fulcio("app", 0), of_tool(tool));
    assert_eq!(all.decision, Decision::Admit, "{:#?}", all.questions[2]);
    let branch = "https://github.com/acme/tool/.github/workflows/build.yml@refs/heads/main";
    assert_eq!(verdict(&policy(&pair, path), fulcio("app", 0), of_tool(branch)).decision, Decision::Refuse);
    // A signature that does not hold up pairs nobody.
    let mut unproven = fulcio("app", 0);
    unproven.check(CheckId::LogEntry, Outcome::Undecided(countersign::evidence::Need::LogEntry), "");
    assert_eq!(verdict(&policy(&pair, path), unproven, of_tool(tool)).decision, Decision::RefuseForLackOfEvidence);
}

#[test]
fn a_policy_permits_an_unknown_signer_and_nothing_else_that_was_refuted() {
    let builders = RELEASE.replace(
        "id = \"https://github.com/acme/app/.github/workflows/release.yml\"",
        "id = \"https://gitlab.com/acme/*\"",
    );
    let admitted = |builder: &str| {
        let refuted = Claim { standing: Standing::Refuted, ..statement(Voucher::Tenant, builder, ATTEST) };
        let source = by(Voucher::Ca, dossiers::built_from("https://gitlab.com/acme/app", None));
        let claims = vec![certificate(SIGNER, CALLER, HOSTED), source, refuted];
        let path = "provenance = { builder = \"release\", level = 1 }";
        verdict(&policy(&builders, path), fulcio("app", 0), claims).decision == Decision::Admit
    };
    assert!(admitted("https://gitlab.com/acme/app/-/runners/1"));
    assert!(!admitted("https://gitlab.com/acme/other/-/runners/1"), "in another project's job");
}

#[test]
fn what_nobody_asked_for_establishes_no_level() {
    let level = |policy: &Policy| {
        verdict(policy, fulcio("app", 0), attested(CALLER, HOSTED)).levels.build.map(|build| build.level)
    };
    assert_eq!(level(&policy("", "provenance = \"verified\"")), Some(2));
    let other = "schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"";
    assert_eq!(level(&Policy::parse(other, "p").unwrap()), None);
}

#[test]
fn what_the_policy_permits_is_no_finding_any_more() {
    let tool = "https://github.com/acme/tool/.github/workflows/build.yml@refs/tags/v2.0.0";
    let pair = RELEASE.replace(
        "id = \"https://github.com/acme/app/.github/workflows/release.yml\"",
        "id = \"https://github.com/acme/tool/.github/workflows/build.yml\"",
    );
    let message = format!("the statement names the builder `{tool}`, the certificate names `{SIGNER}`");
    let found = |policy: &Policy, message: &str| {
        let (expectations, registry) = (Expectations::default(), Registry::default());
        let at = Time::from_unix(0);
        let terms = Terms { policy, environment: "production", expectations: &expectations, registry: &registry, at };
        let mut dossier = dossier(vec![fulcio("app", 0)], of_tool(tool));
        let id = dossier.signatures[0].id;
        let finding =
            Finding { id: FindingId::StatementContradicted, message: message.to_owned(), signatures: vec![id] };
        dossier.findings.push(finding);
        appraise(dossier, &terms).unwrap().findings.len()
    };
    let permitting = policy(&pair, "provenance = { builder = \"release\" }");
    assert_eq!(found(&permitting, &message), 0);
    assert_eq!(found(&permitting, "the statement names the commit `a`, the certificate `b`"), 1);
    assert_eq!(found(&policy("", "provenance = \"verified\""), &message), 1);
}

#[test]
fn parameters_are_known_or_allowed() {
    let with = |pairs: &[(&str, &str)]| {
        let mut claims = attested(CALLER, HOSTED);
        claims.push(parameters(Voucher::Platform, pairs));
        claims
    };
    let workflow = [
        ("workflow.path", ".github/workflows/ci.yml"),
        ("workflow.ref", "refs/heads/main"),
        ("workflow.repository", "r"),
    ];
    let mut influenced = workflow.to_vec();
    influenced.push(("inputs.channel", "nightly"));
    let of = |path: &str, pairs: &[(&str, &str)]| answer("", path, fulcio("app", 0), with(pairs));
    assert_eq!(of("parameters = \"known\"", &workflow), (Answer::Yes, "parameters-known"));
    assert_eq!(of("parameters = \"known\"", &influenced), (Answer::No, "parameter-unknown"));
    assert_eq!(of("parameters = { \"inputs.channel\" = \"stable\" }", &influenced), (Answer::No, "parameter-mismatch"));
    assert_eq!(of("parameters = { \"inputs.channel\" = \"*\" }", &influenced), (Answer::Yes, "parameters-known"));
    assert_eq!(of("parameters = { \"inputs.channel\" = \"*\" }", &workflow), (Answer::NotEstablished, "not-claimed"));
    assert_eq!(of("parameters = { \"inputs.*\" = \"*\" }", &workflow), (Answer::Yes, "parameters-known"));
}

#[test]
fn the_parameters_of_a_builder_count_where_it_is_asked_for() {
    let builders = format!("{RELEASE}\nparameters = {{ \"workflow.path\" = \".github/workflows/ci.yml\" }}\n");
    let of = |path: &str, extra: Option<(&str, &str)>| {
        let mut pairs = vec![("workflow.path", path), ("workflow.ref", "r")];
        pairs.extend(extra);
        let mut claims = attested(CALLER, HOSTED);
        claims.push(parameters(Voucher::Platform, &pairs));
        answer(&builders, "provenance = { builder = \"release\", level = 3 }", fulcio("app", 0), claims)
    };
    assert_eq!(of(".github/workflows/ci.yml", None), (Answer::Yes, "provenance-verified"));
    assert_eq!(of(".github/workflows/other.yml", None), (Answer::No, "parameter-mismatch"));
    assert_eq!(of(".github/workflows/ci.yml", Some(("inputs.x", "y"))), (Answer::No, "parameter-unknown"));
}

#[test]
fn parameters_without_anybody_accepted_behind_them_prove_nothing() {
    let npm = "https://github.com/actions/runner/github-hosted";
    let npm_type = "https://github.com/npm/cli/gha/v2";
    let claims = || vec![certificate(SIGNER, SIGNER, HOSTED), statement(Voucher::Tenant, npm, npm_type)];
    assert_eq!(
        answer("", "parameters = \"known\"", fulcio("app", 0), claims()),
        (Answer::NotEstablished, "voucher-not-accepted")
    );
    let certificate_alone = vec![by(Voucher::Ca, built_by(SIGNER))];
    assert_eq!(
        answer("", "parameters = \"known\"", fulcio("app", 0), certificate_alone),
        (Answer::NotEstablished, "not-claimed")
    );
}

#[test]
fn every_dependency_that_is_asked_for_must_have_its_digest() {
    let dependency = |uri: &str, digest: &str| {
        let digests: BTreeMap<_, _> = std::iter::once(("gitCommit".to_owned(), digest.to_owned())).collect();
        by(Voucher::Platform, Fact::DependsOn { uri: uri.to_owned(), digests })
    };
    let mut claims = attested(CALLER, HOSTED);
    claims.push(dependency("git+https://github.com/acme/lib@refs/tags/v1", "c0"));
    claims.push(dependency("git+https://github.com/acme/tools", "d0"));
    let of = |list: &str| answer("", &format!("dependencies = {list}"), fulcio("app", 0), claims.clone());
    let lib = "{ uri = \"git+https://github.com/acme/lib@*\", digest = \"gitCommit:c0\" }";
    assert_eq!(of(lib), (Answer::Yes, "dependencies-match"));
    assert_eq!(of(&lib.replace("c0", "c1")), (Answer::No, "dependency-mismatch"));
    assert_eq!(of(&lib.replace("lib@", "none@")), (Answer::NotEstablished, "not-claimed"));
    let tools = "{ uri = \"git+https://github.com/acme/tools\", digest = \"gitCommit:d1\" }";
    assert_eq!(of(&format!("[{lib}, {tools}]")), (Answer::No, "dependency-mismatch"));
    assert_eq!(of(&format!("[{lib}, {}]", tools.replace("d1", "d0"))), (Answer::Yes, "dependencies-match"));
}

#[test]
fn a_builder_that_is_isolated_may_sign_what_it_builds() {
    let held = |builders: &str, id: &str| {
        let builder = if builders.is_empty() { "github-attest-build-provenance" } else { "release" };
        let path = format!("provenance = {{ builder = \"{builder}\" }}\n{id} = [\"build\", \"sign\"]");
        let verdict = verdict(&policy(builders, &path), fulcio("app", 0), attested(CALLER, HOSTED));
        let found = verdict.questions[2].requirements.iter().find(|judged| judged.id == id).unwrap();
        (found.answer, found.reason)
    };
    assert_eq!(held(RELEASE, "separate-or-isolated"), (Answer::Yes, "duties-separated"));
    assert_eq!(held(RELEASE, "separate"), (Answer::No, "duties-shared"), "isolation is no separation of identities");
    assert_eq!(held("", "separate-or-isolated"), (Answer::No, "duties-shared"), "level 2 does not isolate");
}
