//! The key pairs of the suite: made once, published with it, and good for nothing else.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use countersign::crypto::DigestAlgorithm;
use countersign::pki::minting::Key;

macro_rules! pairs {
    ($($(#[doc = $doc:literal])+ $name:ident = $file:literal;)*) => {
        /// A throw-away key pair.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Pair { $($(#[doc = $doc])+ $name,)* }

        impl Pair {
            fn pkcs8(self) -> &'static [u8] {
                match self { $(Self::$name => include_bytes!(concat!("../keys/throw-away-", $file, ".der")),)* }
            }
        }
    };
}

pairs! {
    /// The root for code signing.
    CodeRoot = "code-root";
    /// The usual issuer of publishers.
    CodeCa = "code-ca";
    /// A second authority between root and publisher.
    CodeCa2 = "code-ca-2";
    /// A third one.
    CodeCa3 = "code-ca-3";
    /// The publisher.
    Publisher = "publisher";
    /// The root for time stamping.
    TimeRoot = "time-root";
    /// The issuer of the timestamping authority.
    TimeCa = "time-ca";
    /// The timestamping authority.
    Stamps = "stamps";
    /// Somebody else.
    Stranger = "stranger";
    /// An authority that nobody accepts.
    StrangerCa = "stranger-ca";
    /// 512 bits of RSA.
    Rsa512 = "rsa-512";
    /// 1,023 bits of RSA.
    Rsa1023 = "rsa-1023";
    /// 1,024 bits of RSA.
    Rsa1024 = "rsa-1024";
    /// 2,048 bits of RSA.
    Rsa2048 = "rsa-2048";
    /// 4,096 bits of RSA.
    Rsa4096 = "rsa-4096";
}

type Made = BTreeMap<(Pair, DigestAlgorithm, Vec<u8>), Vec<u8>>;

/// Signatures made so far: the suite asks for the same ones often, and each takes milliseconds.
static MADE: Mutex<Made> = Mutex::new(BTreeMap::new());

impl Pair {
    pub(crate) fn key(self) -> Key {
        static KEYS: OnceLock<Mutex<BTreeMap<Pair, Key>>> = OnceLock::new();
        let mut keys = KEYS.get_or_init(Mutex::default).lock().expect("no thread panics with it");
        keys.entry(self).or_insert_with(|| Key::rsa(self.pkcs8())).clone()
    }

    pub(crate) fn sign(self, digest: DigestAlgorithm, bytes: &[u8]) -> Vec<u8> {
        let made = (self, digest, bytes.to_vec());
        if let Some(known) = MADE.lock().expect("no thread panics with it").get(&made) {
            return known.clone();
        }
        let signature = self.key().sign(digest, bytes);
        MADE.lock().expect("no thread panics with it").insert(made, signature.clone());
        signature
    }
}
