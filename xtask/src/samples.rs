//! `cargo xtask samples`: fetches `samples/` again from the registries and checks every digest.

use std::path::Path;

use countersign::crypto::{Digest, DigestAlgorithm};

use crate::process::{Failure, command, read, root, run, workspace_dir, write};

/// A file of a registry, by digest, and what is taken from it.
struct Package {
    /// What fetches it into the current folder.
    fetch: &'static [&'static str],
    file: &'static str,
    sha256: &'static str,
    /// Paths in the package and names here.
    members: &'static [(&'static str, &'static str)],
}

const PACKAGES: [Package; 2] = [
    Package {
        fetch: &["npm", "pack", "--silent", "node-pty@1.1.0"],
        file: "node-pty-1.1.0.tgz",
        sha256: "c7517f19083ddcb05f276904680eb2b11a6b5ecab778b8e4e5685a6d645b3f60",
        members: &[
            ("package/third_party/conpty/1.23.251008001/win10-x64/conpty.dll", "conpty.dll"),
            ("package/LICENSE", "licences/node-pty.txt"),
        ],
    },
    Package {
        fetch: &["curl", "--fail", "--silent", "--location", "--remote-name", ATTESTATIONS_URL],
        file: "pypi_attestations-0.0.30.tar.gz",
        sha256: "14ff13c76bbef02a483c2b77532da02bfd746b5141b881f355e06b9807434423",
        members: &[
            ("pypi_attestations-0.0.30/test/assets/pypi_attestations-0.0.19.tar.gz", "pypi_attestations-0.0.19.tar.gz"),
            (
                "pypi_attestations-0.0.30/test/assets/pypi_attestations-0.0.19.tar.gz.publish.attestation",
                "pypi_attestations-0.0.19.tar.gz.publish.attestation",
            ),
            (
                "pypi_attestations-0.0.30/test/assets/pypi_attestations-0.0.19.tar.gz.slsa.attestation",
                "pypi_attestations-0.0.19.tar.gz.slsa.attestation",
            ),
            ("pypi_attestations-0.0.30/LICENSE", "licences/pypi-attestations.txt"),
        ],
    },
];

/// The short form of PyPI's addresses, which needs no digest in the path.
const ATTESTATIONS_URL: &str = "https://pypi.org/packages/source/p/pypi-attestations/pypi_attestations-0.0.30.tar.gz";

/// Where the bit is that `conpty-tampered.dll` has changed.
const TAMPERED_AT: usize = 4096;

pub(crate) fn run_chore(_: &[String]) -> Result<(), Failure> {
    let dir = workspace_dir("samples")?;
    let samples = root().join("samples");
    for package in &PACKAGES {
        fetch(package, &dir)?;
        run(command("tar")
            .current_dir(&dir)
            .args(["-xzf", package.file])
            .args(package.members.iter().map(|(m, _)| m)))?;
        for (member, name) in package.members {
            write(&samples.join(name), &read(&dir.join(member))?)?;
        }
    }
    let mut tampered = read(&samples.join("conpty.dll"))?;
    if let Some(byte) = tampered.get_mut(TAMPERED_AT) {
        *byte ^= 1;
    }
    write(&samples.join("conpty-tampered.dll"), &tampered)?;
    check_listed(&samples)
}

fn fetch(package: &Package, dir: &Path) -> Result<(), Failure> {
    let [program, arguments @ ..] = package.fetch else { return Ok(()) };
    let file = dir.join(package.file);
    if !file.exists() {
        run(command(program).current_dir(dir).args(arguments))?;
    }
    let found = sha256(&file)?;
    if found == package.sha256 { Ok(()) } else { Err(Failure(format!("{}: sha256 is {found}", file.display()))) }
}

/// Every file must have the digest that the README lists, and be listed.
fn check_listed(samples: &Path) -> Result<(), Failure> {
    let readme = String::from_utf8_lossy(&read(&samples.join("README.md"))?).into_owned();
    let entries = std::fs::read_dir(samples).map_err(|error| Failure(error.to_string()))?;
    for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "README.md" && !readme.contains(&format!("| `{}` | `{name}` |", sha256(&entry.path())?)) {
            return Err(Failure(format!("samples/{name} is not what samples/README.md lists")));
        }
    }
    println!("samples/ is what its README lists");
    Ok(())
}

fn sha256(path: &Path) -> Result<String, Failure> {
    Ok(Digest::of(DigestAlgorithm::Sha256, &read(path)?).hex())
}
