use super::*;

#[test]
fn spelling_and_legal_form_make_no_difference() {
    for (a, b) in [
        ("Acme Software, Inc.", "ACME SOFTWARE"),
        ("Müller GmbH & Co. KG", "MÜLLER"),
        ("OOO Computer", "Computer LTD"),
        ("Sp. z o.o. Lepko", "LEPKO Sp. z o. o."),
        ("Foo S.r.l.", "foo srl"),
        ("Lion Software, LLC", "Lion-Software L.L.C."),
        ("北京优易科技有限公司", "北京优易科技有限责任公司"),
        ("Ａcme Ｌtd", "acme"),
        ("Wemade Entertainment co.,Ltd", "Wemade  Entertainment Co., Ltd."),
    ] {
        assert_eq!(normalise(a), normalise(b), "{a} / {b}");
    }
}

#[test]
fn a_legal_form_inside_a_name_or_a_word_stays() {
    for (a, b) in [
        ("Incognito", "ognito"),
        ("The Limited Collection", "The Collection"),
        ("Coffee Software", "ffee Software"),
        ("Aspect", "pect"),
        ("Acme One", "Acme Two"),
    ] {
        assert_ne!(normalise(a), normalise(b), "{a} / {b}");
        assert_eq!(compare(a, b), None);
    }
    assert_eq!(normalise("Limited"), "limited");
    assert_eq!(normalise("Co., Ltd."), "co", "something is always left");
    assert_eq!(normalise(""), "");
}

#[test]
fn the_rule_that_made_two_names_alike_is_named() {
    assert_eq!(compare("Acme", "Acme"), None);
    assert_eq!(compare("Acme\u{ad} Inc", "Acme Inc"), Some(Resemblance::Invisible));
    assert_eq!(compare("Acme\u{a0}Inc", "Acme Inc"), Some(Resemblance::Invisible));
    assert_eq!(compare("ACME, inc", "Acme Inc."), Some(Resemblance::Spelling));
    assert_eq!(compare("Acme", "Acme Ltd"), Some(Resemblance::LegalForm));
    assert_eq!(compare("Micrоsoft Corporation", "Microsoft Corporation"), Some(Resemblance::Confusable));
    assert_eq!(compare("Google LLC", "Goog1e LLC"), Some(Resemblance::Confusable));
    assert_eq!(compare("Ltd", "..."), None);
}

#[test]
fn names_look_alike_in_the_letters_in_which_they_are_written_too() {
    for (shown, meant) in [
        ("PayPaI", "PayPal"),
        ("PayPaI, Inc.", "PayPal Inc"),
        ("paypaI", "PayPal"),
        ("AppIe Mobile", "apple mobile"),
        ("ΜΙCROSOFT", "Microsoft"),
        ("Goog|e LLC", "Google LLC"),
        ("G00gle", "Google"),
        ("rnicrosoft", "Microsoft"),
    ] {
        assert_eq!(compare(shown, meant), Some(Resemblance::Confusable), "{shown} / {meant}");
        assert_eq!(compare(meant, shown), Some(Resemblance::Confusable), "{meant} / {shown}");
    }
    for (one, other) in
        [("Mail", "Mall"), ("MAIL", "MALL"), ("Fina", "FLNA"), ("Acme", "Acne"), ("Bail Software", "BALL Software")]
    {
        assert_eq!(compare(one, other), None, "{one} / {other}");
    }
}

#[test]
fn a_legal_form_is_none_to_the_eye_either() {
    for (shown, meant) in [
        ("Google LLС", "Google"),
        ("Goog1e LLС", "Google Inc"),
        ("Acme lnc", "Acme Ltd"),
        ("Acme LIMITED", "Аcme"),
        ("ООО Goog1e", "Google LLC"),
    ] {
        assert_eq!(compare(shown, meant), Some(Resemblance::Confusable), "{shown} / {meant}");
    }
}

#[test]
fn a_long_name_is_looked_at_without_its_invisible_beginning() {
    let hidden = format!("{}Microsoft", "\u{200b}".repeat(5_000));
    assert_eq!(compare(&hidden, "Microsoft"), Some(Resemblance::Invisible));
    assert_eq!(compare(&hidden, "Micrоsoft"), Some(Resemblance::Confusable));
    assert_eq!(compare("\u{1c3}", "\u{1c3}\u{1c3}"), None, "letters that look like exclamation marks");
    let long = "a".repeat(100_000);
    assert!(normalise(&long).len() == MAX_NAME && eye(&long, Letters::Capital).len() == MAX_NAME);
}

#[test]
fn invisible_and_mixed_characters_are_told_with_code_points() {
    let words = |name: &str| oddities(name).iter().map(Oddity::words).collect::<Vec<_>>();
    assert_eq!(words("Acme Software"), Vec::<String>::new());
    assert_eq!(words("Müller & Söhne, d.o.o."), Vec::<String>::new());
    assert_eq!(words("ООО Компьютер"), Vec::<String>::new());
    assert_eq!(words("株式会社アクメ"), Vec::<String>::new());
    assert_eq!(words("Acme\u{a0}Inc\u{200b}\u{200b}"), ["invisible U+00A0", "invisible U+200B"]);
    assert_eq!(words("Micrоsoft"), ["several scripts in `Micrоsoft`: `о` U+043E"]);
    assert_eq!(words("\u{202e}exe.x"), ["invisible U+202E"]);
}

#[test]
fn groups_have_at_least_two_members() {
    let keys = ["a", "b", "a", "", ""].map(|key| Some(key.to_owned()));
    let clusters = cluster(keys.into_iter().chain([None, Some("b".to_owned())]));
    assert_eq!(clusters.groups["a"], [Member(0), Member(2)]);
    assert_eq!((clusters.groups.len(), clusters.members()), (2, 4));
}
