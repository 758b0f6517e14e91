//! The public Sigstore cases beside the project (`../shared/corpus`), read into what `examine` takes.

pub mod mutation;

use std::fs;
use std::path::{Path, PathBuf};

use countersign::artifact::{Artifact, Content, TreeFile};
use countersign::crypto::Digest;
use countersign::dossier::Dossier;
use countersign::encoding::json::{Json, parse};
use countersign::encoding::pem;
use countersign::examine::examine;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material, MaterialError};
use countersign::time::Time;
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::trust::TrustBundle;

/// One case of a family.
pub struct Case {
    pub id: String,
    pub folder: PathBuf,
    json: Json,
}

/// The cases of a family, or none if the corpus is not beside the project.
pub fn cases(family: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(family);
    let Ok(lines) = fs::read_to_string(folder.join("cases.jsonl")) else {
        eprintln!("SKIPPED: no corpus at {}", folder.display());
        return Vec::new();
    };
    let case = |line: &str| {
        let json = parse(line.as_bytes()).unwrap();
        let id = json.text_at(&["id"]).unwrap().to_owned();
        Case { id, folder: folder.clone(), json }
    };
    lines.lines().filter(|line| !line.is_empty()).map(case).collect()
}

/// The bundles of a file of evidence, as texts.
pub fn bundles(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let is_bundle = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).is_ok_and(|document| document.get("mediaType").is_some())
    };
    if is_bundle(&text) {
        return vec![text];
    }
    text.lines().filter(|line| is_bundle(line)).map(str::to_owned).collect()
}

/// What peers are asked about a bundle of a case.
pub fn question(case: &Case, bundle: &str) -> serde_json::Value {
    serde_json::json!({
        "bundle": bundle,
        "trusted_root": case.options("--trusted-root").first(),
        "key": case.options("--key").first(),
        "artifact": case.artifact_path(),
        "digest": case.digest().map(|digest| digest.to_string()),
    })
}

impl Case {
    /// A text of the expectation.
    pub fn expected(&self, name: &str) -> Option<&str> {
        self.json.text_at(&["expect", name])
    }

    /// A text or list of texts of the expectation.
    pub fn any_of(&self, name: &str) -> Vec<&str> {
        match self.json.at(&["expect", name]) {
            Some(Json::String(one)) => vec![one],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        }
    }

    pub fn is_disputed(&self) -> bool {
        self.json.get("disputed") == Some(&Json::Bool(true))
    }

    pub fn may_not_run(&self) -> bool {
        self.json.at(&["expect", "may_not_run"]) == Some(&Json::Bool(true))
    }

    pub fn is_expected_to_verify(&self) -> bool {
        self.expected("state") == Some("valid")
    }

    /// The files of evidence.
    pub fn evidence(&self) -> Vec<PathBuf> {
        let list = self.json.get("evidence").and_then(Json::as_array).unwrap_or_default();
        list.iter().filter_map(Json::as_str).map(|file| self.folder.join(file)).collect()
    }

    /// The values of an option.
    pub fn options(&self, name: &str) -> Vec<String> {
        let args = self.json.get("args").and_then(Json::as_array).unwrap_or_default();
        let args: Vec<_> = args.iter().filter_map(Json::as_str).collect();
        let named = args.windows(2).filter(|pair| pair[0] == name);
        named.map(|pair| pair[1].replace("{dir}", self.folder.to_str().unwrap())).collect()
    }

    pub fn at(&self) -> Time {
        self.json.text_at(&["at"]).unwrap().parse().unwrap()
    }

    /// What the relying party of the case brings, without the evidence.
    pub fn material(&self) -> Result<Material, MaterialError> {
        let mut material = Material { sigstore: TrustedRoot::accepted_by_default(), ..Material::default() };
        if let Some(path) = self.options("--trusted-root").first() {
            material.sigstore = vec![TrustedRoot::from_json(path, &fs::read(path).unwrap())?];
        }
        for path in self.options("--key") {
            let unusable = |problem: String| MaterialError { source: path.clone(), problem };
            let key = pem::public_key(&fs::read(&path).unwrap()).map_err(|error| unusable(error.to_string()))?;
            material.keys.push(AcceptedKey { source: path, key, certificate: None });
        }
        material.anchors = TrustBundle::default();
        for path in self.options("--anchor") {
            for certificate in pem::certificates(&fs::read(&path).unwrap()).unwrap() {
                material.anchors = material.anchors.with_anchor(certificate, &path);
            }
        }
        Ok(material)
    }

    /// Examines the case with its own evidence.
    pub fn examine(&self) -> Result<Dossier, MaterialError> {
        let mut material = self.material()?;
        for path in self.evidence() {
            let bytes = fs::read(&path).unwrap();
            material.evidence.push(EvidenceFile { path: path.display().to_string(), bytes });
        }
        Ok(self.examine_with(&material))
    }

    /// Examines the artifact of the case with this material.
    pub fn examine_with(&self, material: &Material) -> Dossier {
        self.with_artifact(|content| {
            let artifact = Artifact { name: self.id.clone(), path: String::new(), content };
            examine(&artifact, material, self.at(), &Limits::default()).unwrap()
        })
    }

    fn with_artifact<T>(&self, use_it: impl FnOnce(Content<'_>) -> T) -> T {
        let Some(name) = self.json.text_at(&["artifact"]) else {
            let digest: Digest = self.json.text_at(&["digest"]).unwrap().parse().unwrap();
            return use_it(Content::Digest(digest));
        };
        let path = self.folder.join(name);
        if !path.is_dir() {
            return use_it(Content::File(&fs::read(path).unwrap()));
        }
        let mut files: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap()).collect();
        files.sort_by_key(fs::DirEntry::file_name);
        let bytes: Vec<_> = files.iter().map(|file| fs::read(file.path()).unwrap()).collect();
        let name = |index: usize| files[index].file_name().into_string().unwrap();
        let tree: Vec<_> =
            bytes.iter().enumerate().map(|(index, bytes)| TreeFile { path: name(index), bytes }).collect();
        use_it(Content::Tree(&tree))
    }

    /// The path of the artifact.
    pub fn artifact_path(&self) -> Option<PathBuf> {
        self.json.text_at(&["artifact"]).map(|name| self.folder.join(name))
    }

    /// Whether the artifact is a directory.
    pub fn is_directory(&self) -> bool {
        self.artifact_path().is_some_and(|path| path.is_dir())
    }

    /// The digest that stands for the artifact.
    pub fn digest(&self) -> Option<Digest> {
        self.json.text_at(&["digest"])?.parse().ok()
    }
}
