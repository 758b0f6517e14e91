//! The commands that change an identity: each is one event, or two.

use countersign::event::{BadEvent, Change, Event, FieldName, IdentityId, Window};
use countersign::registry::{Binding, Identity, Product, Refused, State};
use countersign::time::Time;
use countersign_store::ledger::{self, LedgerError};
use countersign_store::{Sequence, Store as _, verdicts};

use super::args::{self, Because, Command};
use super::{actor, at, clean};
use crate::describe::print;
use crate::store::StoreOptions;
use crate::trouble::Trouble;

/// Runs a command that changes one identity.
pub(crate) fn run(store: &StoreOptions, command: &Command) -> Result<u8, Trouble> {
    let Some((id, because)) = concerned(command) else {
        return Err(Trouble::new("identity", "this command changes nothing"));
    };
    let at = at(because.at);
    let actor = actor(because.actor.as_ref())?;
    let event =
        |change| Event { at, actor: actor.clone(), reason: because.reason.clone(), identity: id.clone(), change };
    let events: Vec<Event> = changes(command, at)?.into_iter().map(event).collect();
    let mut store = store.open()?;
    let appended = ledger::append(&mut store, None, because.expect.map(Sequence), &events);
    let sequence = appended.map_err(|error| trouble(id, error))?;
    let (identity, own) = ledger::identity(&store, id)?.ok_or_else(|| super::unknown(id))?;
    let shared = shared(&store, &identity)?;
    Ok(print(&done(&identity, own, sequence, &shared)))
}

fn concerned(command: &Command) -> Option<(&IdentityId, &Because)> {
    Some(match command {
        Command::Add(it) => (&it.id, &it.because),
        Command::Claim(it) => (&it.id, &it.because),
        Command::Describe(it) => (&it.id, &it.because),
        Command::Bind(it) => (&it.id, &it.because),
        Command::Expect(it) => (&it.id, &it.because),
        Command::Activate(it) => (&it.id, &it.because),
        Command::Rotate(it) => (&it.id, &it.because),
        Command::Destroy(it) => (&it.id, &it.because),
        Command::Compromise(it) => (&it.id, &it.because),
        Command::Review(it) => (&it.id, &it.because),
        Command::OwnerLeft(it) => (&it.id, &it.because),
        Command::Allow(it) => (&it.id, &it.because),
        Command::Approve(it)
        | Command::Reject(it)
        | Command::Suspend(it)
        | Command::Resume(it)
        | Command::Retire(it) => (&it.id, &it.because),
        Command::List(_)
        | Command::Show(_)
        | Command::Import(_)
        | Command::Export(_)
        | Command::Learn(_)
        | Command::ImportInventory(_)
        | Command::Blast(_)
        | Command::Check(_) => return None,
    })
}

fn changes(command: &Command, at: Time) -> Result<Vec<Change>, Trouble> {
    Ok(vec![match command {
        Command::Add(options) => return add(options, at),
        Command::Claim(options) => Change::Claimed {
            owner: options.owner.clone(),
            second_owner: options.second_owner.clone(),
            fields: options.fields.stated(at),
        },
        Command::Describe(options) => Change::Described { fields: options.fields.stated(at) },
        Command::Bind(options) => bind(options, at)?,
        Command::Expect(options) => return Ok(expect(options)),
        Command::Approve(_) => Change::Approved {},
        Command::Reject(_) => Change::Rejected {},
        Command::Activate(options) => Change::Activated { since: options.since },
        Command::Rotate(options) => rotate(options, at)?,
        Command::Suspend(_) => Change::Suspended {},
        Command::Resume(_) => Change::Resumed {},
        Command::Retire(_) => Change::Retired {},
        Command::Destroy(options) => Change::Destroyed { proof: options.proof.clone() },
        Command::Compromise(options) => Change::Compromised { since: options.since },
        Command::Review(options) => Change::Reviewed { next: options.next },
        Command::OwnerLeft(options) => Change::OwnerLeft { who: options.who.clone() },
        Command::Allow(options) => Change::ChangeApproved {
            field: options.field,
            from: options.from.clone(),
            to: options.to.clone(),
            valid: Window { from: options.valid_from, until: options.valid_until },
            reference: options.reference.clone(),
        },
        _ => return Ok(Vec::new()),
    }])
}

fn add(options: &args::Add, at: Time) -> Result<Vec<Change>, Trouble> {
    let selectors = options.selectors.all()?;
    let mut changes = vec![Change::Discovered {
        kind: options.kind,
        name: options.name.clone(),
        selectors,
        found_in: options.found_in.clone(),
    }];
    let fields = options.fields.stated(at);
    if let Some(owner) = &options.owner {
        changes.push(Change::Claimed { owner: owner.clone(), second_owner: options.second_owner.clone(), fields });
    } else if !fields.is_empty() {
        changes.push(Change::Described { fields });
    }
    Ok(changes)
}

fn bind(options: &args::Bind, at: Time) -> Result<Change, Trouble> {
    let given = &options.binding;
    let binding = Binding {
        issuer: given.issuer.clone(),
        owner_id: given.owner_id.clone(),
        repository_id: given.repository_id.clone(),
        repository: given.repository.clone(),
        workflow: given.workflow.clone(),
        workflow_digest: given.workflow_digest.clone(),
        signer: given.signer.clone(),
        references: given.reference.clone(),
        triggers: given.trigger.clone(),
        runner: given.runner.clone(),
        environment: given.deployment.clone(),
        gateway_key: given.gateway_key.clone(),
        valid_from: given.valid_from.unwrap_or(at),
    };
    let binding = (!binding.is_open()).then(|| Box::new(binding));
    Ok(Change::Bound { proof: options.proof.clone(), selectors: options.selectors.all()?, binding })
}

fn expect(options: &args::Expect) -> Vec<Change> {
    let files = options.file.iter().cloned().map(Product::File);
    let products: Vec<Product> = files.chain(options.package.iter().cloned().map(Product::Package)).collect();
    if options.no_longer {
        return products.into_iter().map(|product| Change::Unexpected { product }).collect();
    }
    vec![Change::Expected { products }]
}

fn rotate(options: &args::Rotate, at: Time) -> Result<Change, Trouble> {
    if options.finish {
        return Ok(Change::RotationFinished { next_due: options.next_due });
    }
    let successors = options.selectors.all()?;
    Ok(Change::RotationStarted { successors, until: options.until.unwrap_or(at) })
}

/// Why nothing was appended, and which command supplies what is missing.
pub(super) fn trouble(id: &IdentityId, error: LedgerError) -> Trouble {
    match error {
        LedgerError::Store(error) => error.into(),
        LedgerError::Conflict(_) => {
            Trouble::new(id.as_str(), error.to_string()).remedy("look at it with `identity show` and decide again")
        }
        LedgerError::Refused { refused, .. } => {
            let supplies = supplies(id, &refused);
            Trouble::new(id.as_str(), refused.to_string()).with_list(supplies)
        }
    }
}

/// The commands that supply what the life cycle asks for.
fn supplies(id: &IdentityId, refused: &Refused) -> Vec<String> {
    let command = |rest: &str| format!("countersign identity {rest}").replace("ID", id.as_str());
    match refused {
        Refused::Bad(BadEvent::List("selectors")) => {
            vec![
                "say by what it is known: --key, --organization, --team-id, --durable-id, --workload or --account"
                    .to_owned(),
            ]
        }
        Refused::Unknown(_) => vec![command("add ID --kind KIND --name NAME --key SHA256 --reason TEXT")],
        Refused::AlreadyKnown(_) => vec![command("show ID")],
        Refused::Lacking(fields) => {
            let owners = fields.iter().any(|field| matches!(field, FieldName::Owner | FieldName::SecondOwner));
            let sets = fields.iter().filter(|field| !matches!(field, FieldName::Owner | FieldName::SecondOwner));
            let sets: String = sets.map(|field| format!(" --set {field}=…")).collect();
            let claim = "claim ID --owner NAME --second-owner NAME";
            let rest = if owners { claim } else { "describe ID" };
            vec![command(&format!("{rest}{sets} --reason TEXT"))]
        }
        Refused::WrongState { state, change, possible } => steps(*state, change, possible).map(command).collect(),
        Refused::SameActor { .. } => vec!["run it as another person: --actor NAME".to_owned()],
        Refused::Left(_) => vec![command("claim ID --owner NAME --second-owner NAME --reason TEXT")],
        Refused::NothingProposed => vec![command("bind ID --proof TEXT … --reason TEXT, or expect ID --file PATTERN")],
        Refused::NotApproved(_) => vec![command("approve ID --actor SOMEBODY-ELSE --reason TEXT")],
        Refused::NotAfter { what: "the next review", .. } => vec![command("review ID --next TIME --reason TEXT")],
        Refused::OwnEvent { event: "claimed", .. } => vec![command("claim ID --owner NAME --reason TEXT")],
        Refused::OwnEvent { event: "reviewed", .. } => vec![command("review ID --next TIME --reason TEXT")],
        _ => Vec::new(),
    }
}

/// The way from a state towards one in which the change can happen.
fn steps<'a>(state: State, change: &'a str, possible: &'a [State]) -> impl Iterator<Item = &'a str> + use<'a> {
    let way = [
        (State::Discovered, State::Claimed, "claim ID --owner NAME --second-owner NAME --reason TEXT"),
        (State::Claimed, State::Bound, "bind ID --proof TEXT … --reason TEXT"),
        (State::Bound, State::Approved, "approve ID --actor SOMEBODY-ELSE --reason TEXT"),
        (State::Approved, State::Active, "activate ID --reason TEXT"),
        (State::Active, State::Rotating, "rotate ID --until TIME --reason TEXT"),
    ];
    let goal = possible.iter().copied().min();
    let is_ended = change == "destroyed";
    way.into_iter()
        .filter(move |(from, to, _)| *from >= state && goal.is_some_and(|goal| *to <= goal))
        .map(|(_, _, step)| step)
        .chain(is_ended.then_some("retire ID --reason TEXT"))
}

/// Other identities that can be taken for this one, because they have a selector of it.
fn shared(store: &countersign_store::SqliteStore, identity: &Identity) -> Result<Vec<String>, Trouble> {
    let keys = verdicts::keys_of_identity(identity);
    let found = store.candidates(&keys)?;
    Ok(found.into_iter().map(|other| other.identity).filter(|other| other != identity.id.as_str()).collect())
}

fn done(identity: &Identity, own: Sequence, registry: Sequence, shared: &[String]) -> String {
    let mut text = format!("{}: {} (event {own}; the registry is at event {registry})\n", identity.id, identity.state);
    if identity.has_proposals() {
        text.push_str("  something waits for the approval of somebody else: countersign identity approve\n");
    }
    for other in shared {
        text.push_str(&format!(
            "  known by the same as `{}`: no signature will be of one identity alone\n",
            clean(other)
        ));
    }
    text
}
