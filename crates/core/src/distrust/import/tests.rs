use super::*;
use crate::distrust::{DistrustPack, Selector, Why};
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};
use crate::pki::minting::{Holder as Party, Order, extension};

fn read(id: &str, bytes: &[u8]) -> Imported {
    let (format, imported) = import(bytes).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(format.id, id);
    imported
}

fn digest(member: &str, byte: &str, length: usize) -> Selector {
    Selector::of_digest(member, &byte.repeat(length)).unwrap()
}

#[test]
fn certgraveyard_lists_certificates_and_samples() {
    let (sha1, sha256, md5) = ("AB".repeat(20), "cd".repeat(32), "ef".repeat(16));
    let text = format!(
        "Hash,Malware,Malware Type,Malware Notes,Signer,Issuer Short,Issuer,Serial,Thumbprint,Valid From,Valid To,Country,\
         State,Locality,Email,RDN Serial Number,TBS MD5,TBS SHA1,TBS SHA256,TBS SHA384\n\
         {sha256},Quak,Loader,,\"Foo, LLC\",X, X CA,0FA2,{sha1},2024-01-01,2025-01-01,US,??? ,London ,??? ,1306,{md5},,,\n\
         ,Quak,,,Foo,X,X CA,0FA3,,2024-01-01,2025-01-01,US,,,,Not Specified,,,{sha256},\n\
         ,Quak,,,Foo,X,X CA,0FA4,,2024-01-01,2025-01-01,US,,,,,,,,\n"
    );
    let imported = read("certgraveyard", text.as_bytes());
    let selectors: Vec<_> = imported.entries.iter().map(|entry| entry.selector.clone()).collect();
    let expected =
        [digest("certificate_sha1", "ab", 20), digest("file_sha256", "cd", 32), digest("tbs_sha256", "cd", 32)];
    assert_eq!(selectors, expected);
    let holder = imported.entries[0].holder.clone().unwrap();
    assert_eq!((holder.name.as_deref(), holder.registration.as_deref()), (Some("Foo, LLC"), Some("1306")));
    assert_eq!(imported.entries[2].holder.clone().unwrap().registration, None);
    assert_eq!(imported.left_out.values().sum::<usize>(), 1, "a serial number alone names nothing");
}

#[test]
fn abuse_ch_has_its_header_in_a_comment_and_never_counts_a_serial_alone() {
    let sha256 = "cd".repeat(32);
    let rows = format!(
        "\"2026-01-01\",\"0fa2\",\"{sha256}\",\"SHA256\",\"Foo LLC\",\"X CA\",\"a\",\"b\",\"RedLine\"\n\
         \"2026-01-02\",\"0fa3\",\"\",\"\",\"Bar\",\"X CA\",\"a\",\"b\",\"RedLine\"\n"
    );
    let names =
        "time_stamp,serial_number,thumbprint,thumbprint_algorithm,subject_cn,issuer_cn,valid_from,valid_to,Reason";
    let quoted: Vec<String> = names.split(',').map(|name| format!("\"{name}\"")).collect();
    for header in [names.to_owned(), format!("# abuse.ch\n#\n# {}", quoted.join(",")), quoted.join(",")] {
        let imported = read("abuse-ch", format!("{header}\n# terms\n{rows}").as_bytes());
        assert_eq!(imported.entries.len(), 1, "{header}");
        assert_eq!(imported.entries[0].selector, digest("certificate_sha256", "cd", 32));
        assert_eq!(imported.entries[0].note.as_deref(), Some("RedLine"));
        assert_eq!(imported.left_out.len(), 1);
    }
}

#[test]
fn loldrivers_certificates_of_vendors_and_authorities_are_left_out() {
    let one = |signing: bool, category: &str| {
        format!(
            r#"{{"tbs_sha256":"{}","serial":"00","subject":"C=US, O=Foo , Inc, CN=x","code_signing":{signing},"categories":["{category}"]}}"#,
            "cd".repeat(32)
        )
    };
    let text = format!("[{},{},{}]", one(true, "malicious"), one(true, "vulnerable driver"), one(false, "malicious"));
    let imported = read("loldrivers", text.as_bytes());
    assert_eq!(imported.entries.len(), 1);
    assert_eq!(imported.entries[0].selector, digest("tbs_sha256", "cd", 32));
    assert_eq!(imported.entries[0].holder.clone().unwrap().name.as_deref(), Some("Foo, Inc"));
    assert_eq!(imported.left_out.len(), 2);

    let certificate = format!(
        r#"{{"IsCodeSigning":true,"IsCertificateAuthority":false,"Subject":"CN=x","TBS":{{"SHA256":"{}"}}}}"#,
        "ab".repeat(32)
    );
    let driver = |category: &str| {
        format!(
            r#"{{"Id":"1","Category":"{category}","Tags":["x.sys"],"KnownVulnerableSamples":[{{"SHA256":"{}","Signatures":[{{"Certificates":[{certificate}]}}]}},{{"MD5":"-"}}]}}"#,
            "ee".repeat(32)
        )
    };
    let imported = read("loldrivers", format!("[{},{}]", driver("vulnerable driver"), driver("malicious")).as_bytes());
    let found: Vec<_> = imported.entries.iter().map(|entry| (entry.selector.clone(), entry.why)).collect();
    let file = digest("file_sha256", "ee", 32);
    let expected =
        [(file.clone(), Why::Vulnerable), (file, Why::Malware), (digest("tbs_sha256", "ab", 32), Why::Malware)];
    assert_eq!(found, expected);
    assert_eq!(imported.left_out.values().sum::<usize>(), 2, "samples without a digest that is read");
}

#[test]
fn a_revocation_list_gives_issuer_number_and_both_dates() {
    let ca = Party::new("Issuing CA", 1);
    let reason = extension(oid::CRL_REASON, false, &encode(tag::ENUMERATED, &[1]));
    let since = extension(oid::INVALIDITY_DATE, false, &encode(tag::GENERALIZED_TIME, b"20230101000000Z"));
    let list = ca.revoke(&[(7, "240101000000Z", vec![reason, since]), (8, "240201000000Z", Vec::new())], &[]);
    let imported = read("crl", list.der());
    let [first, second] = imported.entries.as_slice() else { panic!("{imported:?}") };
    let leaf = ca.certify(&Party::new("x", 2), &Order::default());
    assert!(first.selector.names(&leaf) && !second.selector.names(&leaf));
    assert_eq!(first.why, Why::StolenKey);
    assert_eq!(first.since, Some("2023-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(first.revoked_at, Some("2024-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!((second.since, second.why), (second.revoked_at, Why::Other));
    assert_eq!(imported.dated, Some(list.this_update()));
}

#[test]
fn certificates_are_listed_with_what_is_known_of_their_holder() {
    let leaf = Party::new("Issuing CA", 1).certify(&Party::new("Foo Ltd", 2), &Order::default());
    let imported = read("certificates", leaf.der());
    assert!(imported.entries[0].selector.names(&leaf));
    let holder = imported.entries[0].holder.clone().unwrap();
    assert_eq!(holder.name.as_deref(), Some("Foo Ltd"));
    assert_eq!(holder.spki_sha256.map(|key| key.len()), Some(64));
}

#[test]
fn an_own_table_is_read_strictly() {
    let sha1 = "ab".repeat(20);
    let good = format!(
        "certificate_sha1,issuer,serial,reason,since,note\n{sha1},,,malware,2024-01-01T00:00:00Z,x\n,CN=CA,07,stolen-key,,\n"
    );
    let imported = read("deny-csv", good.as_bytes());
    assert_eq!(imported.entries.len(), 2);
    assert_eq!(imported.entries[0].note.as_deref(), Some("x"));
    assert_eq!(imported.entries[1].why, Why::StolenKey);
    for bad in [
        format!("certificate_sha1,reason,colour\n{sha1},malware,red\n"),
        format!("certificate_sha1,reason\n{sha1},bad\n"),
        "serial,reason\n07,malware\n".to_owned(),
        "certificate_sha1,reason\nab,malware\n".to_owned(),
    ] {
        assert!(matches!(import(bad.as_bytes()), Err(ImportError::Malformed("deny-csv", _))), "{bad}");
    }
}

#[test]
fn disallowed_subjects_are_named_by_key_or_signed_part() {
    let leaf = Party::new("CA", 1).certify(&Party::new("x", 2), &Order::default());
    let of = |bytes: &[u8], algorithm| crate::crypto::Digest::of(algorithm, bytes).as_bytes().to_vec();
    use crate::crypto::DigestAlgorithm::{Md5, Sha1, Sha256, Sha384};
    let key = leaf.public_key().unwrap();
    for id in [
        of(key.key_bits(), Md5),
        of(leaf.tbs(), Md5),
        of(leaf.tbs(), Sha1),
        of(leaf.tbs(), Sha256),
        of(leaf.tbs(), Sha384),
    ] {
        assert!(microsoft::disallowed(&id).iter().any(|selector| selector.names(&leaf)), "{} bytes", id.len());
    }
    assert!(microsoft::disallowed(&[1, 2, 3]).is_empty());
}

#[test]
fn our_own_lists_are_joined_and_the_rest_is_refused() {
    let entry = Entry::new(digest("file_sha1", "ab", 20), Why::Malware);
    let pack = DistrustPack::new("n", "s", "", Time::from_unix(0), vec![entry.clone()]).unwrap();
    assert_eq!(read("countersign", &pack.to_json()).entries, [entry]);
    for unknown in [&b""[..], b"hello", b"{}", b"[]", b"a,b,c\n1,2,3\n", &encode_sequence(&[])] {
        assert_eq!(import(unknown).unwrap_err(), ImportError::UnknownFormat, "{unknown:?}");
    }
}
