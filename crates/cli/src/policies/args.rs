//! The arguments of `policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign::time::Time;

use crate::args::{EvidenceOptions, OwnersOptions};

#[derive(Subcommand)]
pub(crate) enum Policy {
    /// Read a policy file and say everything that is wrong with it, with line and column
    Check {
        /// The policy file; without one, the built-in policy is shown
        file: Option<PathBuf>,
        #[command(flatten)]
        owners: OwnersOptions,
    },
    /// Sign a policy as one of its owners: the signature is added to those beside it (NAME.toml.dsse.json)
    Sign(PolicySign),
    /// Say in words what a policy asks, where each requirement comes from, from when on it refuses, and what is waived
    Explain(PolicyExplain),
    /// Judge the cases of tables beside policies (NAME.tests.toml), and say what they cover
    Test(PolicyTest),
    /// Compare two policies: what they say, and which recorded verdicts another policy would change
    Diff(PolicyDiff),
    /// Write a first policy from artifacts that are known to be good, to be reviewed
    Learn(Box<PolicyLearn>),
}

#[derive(Args)]
pub(crate) struct PolicySign {
    /// The policy file
    pub(crate) file: PathBuf,
    /// The private key that signs (PEM or DER, PKCS #8: Ed25519 or ECDSA P-256)
    #[arg(long, value_name = "FILE")]
    pub(crate) sign_key: PathBuf,
    /// Where the signatures are; default: beside the policy, with `.dsse.json` added to its name
    #[arg(long, value_name = "FILE")]
    pub(crate) policy_signatures: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct PolicyExplain {
    /// The policy file; without one, the built-in policy is explained
    pub(crate) file: Option<PathBuf>,
    /// Only this environment
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// As of this instant (RFC 3339, or Unix seconds); default: now
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) at: Option<Time>,
}

#[derive(Args)]
pub(crate) struct PolicyTest {
    /// Tables of cases (NAME.tests.toml), or policies (NAME.toml) that have one beside them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only the cases whose name fits; `*` stands for any characters
    #[arg(long, value_name = "PATTERN")]
    pub(crate) case: Option<String>,
}

#[derive(Args)]
pub(crate) struct PolicyDiff {
    /// The policy before
    pub(crate) old: PathBuf,
    /// The policy after
    pub(crate) new: PathBuf,
    /// Weigh every verdict recorded in this store again, under both, as of its own instant
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// This environment, in both; default: all, and for recorded verdicts their own
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// List at most so many changed artifacts
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub(crate) most: usize,
    /// How to write it
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
}

#[derive(Args)]
pub(crate) struct PolicyLearn {
    /// Files and directories that are known to be good
    #[arg(required = true, value_name = "ARTIFACT")]
    pub(crate) artifacts: Vec<PathBuf>,
    /// Write the policy to this file, which must not be there; default: standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Name of the policy
    #[arg(long, value_name = "NAME", default_value = "learnt")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) evidence: EvidenceOptions,
}
