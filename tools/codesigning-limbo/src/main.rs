//! `cargo run -p codesigning-limbo -- OUT_DIR` writes `limbo.json.xz` and `limbo-schema.json`;
//! with `--unpacked` it writes `limbo.json` and every signed file beside them.

use std::path::Path;
use std::process::ExitCode;

use base64::Engine as _;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, folders): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|text| text.starts_with('-'));
    let unpacked = match options.as_slice() {
        [] => false,
        [option] if *option == "--unpacked" => true,
        _ => return usage(),
    };
    let [folder] = folders.as_slice() else { return usage() };
    match write(Path::new(folder), unpacked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: codesigning-limbo [--unpacked] OUT_DIR");
    ExitCode::from(2)
}

fn write(folder: &Path, unpacked: bool) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let json = codesigning_limbo::json();
    std::fs::write(folder.join("limbo.json.xz"), codesigning_limbo::packed(&json)?)?;
    std::fs::write(folder.join("limbo-schema.json"), codesigning_limbo::schema())?;
    if unpacked {
        std::fs::write(folder.join("limbo.json"), &json)?;
        write_files(&folder.join("files"), &json)?;
    }
    Ok(())
}

/// Every signed file, named by its case.
fn write_files(folder: &Path, json: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let limbo: serde_json::Value = serde_json::from_str(json)?;
    for case in limbo["testcases"].as_array().into_iter().flatten() {
        let (id, artifact) = (case["id"].as_str(), case["code_signing"]["artifact"].as_str());
        let bytes = base64::engine::general_purpose::STANDARD.decode(artifact.unwrap_or_default());
        let bytes = bytes.map_err(std::io::Error::other)?;
        std::fs::write(folder.join(format!("{}.exe", id.unwrap_or_default().replace("::", "-"))), bytes)?;
    }
    Ok(())
}
