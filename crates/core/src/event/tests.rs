use super::*;

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

fn event(change: Change) -> Event {
    Event {
        at: Time::from_unix(1_700_000_000),
        actor: text("alice"),
        reason: text("TICKET-1"),
        identity: IdentityId::new("acme-release").unwrap(),
        change,
    }
}

fn round_trip(event: &Event) {
    let json = serde_json::to_string(event).unwrap();
    assert_eq!(Event::from_json(&json).as_ref(), Ok(event), "{json}");
}

#[test]
fn the_form_is_stable() {
    let claimed = event(Change::Claimed {
        owner: text("alice"),
        second_owner: Some(text("bob")),
        fields: vec![Stated {
            field: Field::Environments(vec![text("production")]),
            source: Source::Declared,
            observed_at: Time::from_unix(1_700_000_000),
        }],
    });
    let json = serde_json::to_string(&claimed).unwrap();
    assert_eq!(
        json,
        r#"{"schema":"countersign/event/v1","identity":"acme-release","at":"2023-11-14T22:13:20Z","actor":"alice","reason":"TICKET-1","change":{"claimed":{"owner":"alice","second-owner":"bob","fields":[{"field":{"environments":["production"]},"source":"declared","observed-at":"2023-11-14T22:13:20Z"}]}}}"#
    );
    round_trip(&claimed);
    let suspended = event(Change::Suspended {});
    assert!(serde_json::to_string(&suspended).unwrap().ends_with(r#""change":{"suspended":{}}}"#));
    round_trip(&suspended);
}

const GOOD: &str = r#"{"schema":"countersign/event/v1","identity":"a","at":"2026-01-01T00:00:00Z","actor":"x","reason":"y","change":{"approved":{}}}"#;

#[test]
fn what_is_not_known_is_an_error() {
    assert!(Event::from_json(GOOD).is_ok());
    for (from, to) in [
        (r#""actor":"x""#, r#""actor":"x","note":"z""#),
        (r#"{"approved":{}}"#, r#"{"approved":{"by":"z"}}"#),
        (r#"{"approved":{}}"#, r#"{"aproved":{}}"#),
        (r#"{"approved":{}}"#, r#"{"approved":{},"retired":{}}"#),
        (r#""actor":"x""#, r#""actor":"x","actor":"y""#),
        (r#"{"approved":{}}"#, r#"{"reviewed":{"next":"2027-01-01T00:00:00Z","until":1}}"#),
    ] {
        let bad = GOOD.replace(from, to);
        assert_ne!(bad, GOOD);
        assert!(matches!(Event::from_json(&bad), Err(BadEvent::Json(_))), "{bad}");
    }
}

#[test]
fn nothing_changes_without_actor_reason_and_time() {
    for missing in [r#""actor":"x","#, r#""reason":"y","#, r#""at":"2026-01-01T00:00:00Z","#] {
        assert!(Event::from_json(&GOOD.replace(missing, "")).is_err(), "{missing}");
    }
    for (from, to) in [(r#""actor":"x""#, r#""actor":"""#), (r#""reason":"y""#, r#""reason":" ""#)] {
        assert!(Event::from_json(&GOOD.replace(from, to)).is_err(), "{to}");
    }
}

#[test]
fn another_form_is_not_read() {
    let v2 = GOOD.replace("event/v1", "event/v2");
    assert_eq!(Event::from_json(&v2), Err(BadEvent::Schema("countersign/event/v2".to_owned())));
}

#[test]
fn bounds_hold() {
    assert_eq!(Event::from_json(&" ".repeat(MAX_JSON + 1)), Err(BadEvent::TooLong));
    let late = event(Change::Reviewed { next: Time::FOREVER });
    assert_eq!(late.check(), Err(BadEvent::Time(Time::FOREVER)));
    assert_eq!(event(Change::Described { fields: Vec::new() }).check(), Err(BadEvent::List("fields")));
    let products = vec![Product::File(text("**"))];
    assert_eq!(event(Change::Expected { products }).check(), Err(BadEvent::Open("a product")));
    let binding = Some(Box::new(Binding::open(Time::from_unix(0))));
    let bound = Change::Bound { proof: text("run 1"), selectors: Vec::new(), binding };
    assert_eq!(event(bound).check(), Err(BadEvent::Open("the binding")));
    let selectors = vec![Selector::TeamId(text("TEAM")); MAX_ITEMS + 1];
    let rotation = Change::RotationStarted { successors: selectors, until: Time::from_unix(1_800_000_000) };
    assert_eq!(event(rotation).check(), Err(BadEvent::List("successors")));
    let valid = Window { from: Time::from_unix(2), until: Some(Time::from_unix(2)) };
    let change = Change::ChangeApproved {
        field: BindingField::Runner,
        from: None,
        to: text("self-hosted"),
        valid,
        reference: text("T-1"),
    };
    assert_eq!(event(change).check(), Err(BadEvent::Window));
}
