// ElementName of CreateElementReplica.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

CreateElementReplicaRequest named(Session& session, const std::optional<std::string>& name,
                                  SyncType kind = SyncType::Snapshot) {
  CreateElementReplicaRequest request;
  request.sync_type = kind;
  request.source_element = session.volume(kTinyVolume);
  request.element_name = name;
  return request;
}

std::string text_of(const std::optional<std::string>& name) {
  return name ? "\"" + name->substr(0, 80) + "\"" : "NULL";
}

const ElementView* target_of(Session& session, const Made& made, const std::string& clause) {
  const auto& target = made.targets.front();
  const ElementView* view = target ? made.outcome.after.find(*target) : nullptr;
  session.expect(clause, view != nullptr, "the new element to be found", "none");
  return view;
}

void exact(Session& session, SyncType kind) {
  const std::string name = session.unique_name();
  const Made made = make_needed(session, named(session, name, kind));
  const ElementView* view = target_of(session, made, "CER-23");
  session.expect("CER-23", view->element_name == name, text_of(name), text_of(view->element_name));
}

// Names that are awkward to store: stored exactly, or refused; never changed.
void awkward(Session& session) {
  const std::vector<std::string> names{
      session.unique_name() + " with spaces, \"quotes\" & <brackets>",
      session.unique_name() + " \xC3\xBC\xC3\x9F\xE6\xBC\xA2",
      session.unique_name() + std::string(64, 'x'),
      session.unique_name() + std::string(300, 'y'),
      session.unique_name() + " ",
  };
  for (const std::string& name : names) {
    Made made = make(session, named(session, name));
    if (!made.outcome.succeeded()) {
      session.expect_one_of("CER-23", made.outcome, {5, 4, 1});
      session.note("refused as a name: " + text_of(name));
      continue;
    }
    const ElementView* view = target_of(session, made, "CER-23");
    session.expect("CER-23", view->element_name == name, text_of(name),
                   text_of(view->element_name));
  }
}

void none(Session& session) {
  Made made = make(session, named(session, std::nullopt));
  session.expect_code("CER-24", made.outcome);
  if (!made.outcome.succeeded()) return;
  const ElementView* view = target_of(session, made, "CER-24");
  if (view == nullptr) return;
  session.note("without a name the replica is called " + text_of(view->element_name));
}

void doubled(Session& session) {
  const std::string name = session.unique_name();
  make_needed(session, named(session, name));
  Outcome second = session.perform(named(session, name));
  session.expect_code("CER-25", second);
  session.note("a name in use: " + outcome_text(second));
}

void with_target(Session& session) {
  const ElementRef target = session.volume(kTinyVolume);
  const ElementView* before = nullptr;
  const Inventory present = session.look();
  before = present.find(target);
  if (before == nullptr) session.inconclusive("the new volume cannot be seen");
  const std::string name = session.unique_name();
  CreateElementReplicaRequest request = named(session, name, SyncType::Clone);
  request.target_element = target;
  Outcome outcome = session.perform(request);
  session.expect_code("CER-26", outcome);
  const ElementView* after = outcome.after.find(target);
  session.expect("CER-26", after != nullptr, "the target to stay", "none");
  if (after == nullptr) return;
  const bool old_name = after->element_name == before->element_name;
  session.expect("CER-26", old_name || after->element_name == name, "the old name or the new one",
                 text_of(after->element_name));
  session.note(old_name ? "the name of an existing target stays" : "an existing target is renamed");
}

}  // namespace

void add_cer_names(std::vector<Case>& cases) {
  for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    const std::string name = kind == SyncType::Mirror     ? "mirror"
                             : kind == SyncType::Snapshot ? "snapshot"
                                                          : "clone";
    cases.push_back(make_case("CER/name-exact-" + name, {"CER-23"},
                              "names the new element of a " + name, "it has exactly that name",
                              of_kind(kind), [=](Session& session) { exact(session, kind); }));
  }
  const Needs snapshot = of_kind(SyncType::Snapshot);
  cases.push_back(make_case("CER/name-awkward", {"CER-23"},
                            "gives names with markup, other scripts, great length, final space",
                            "each is stored exactly or refused", snapshot, awkward));
  cases.push_back(make_case("CER/name-null", {"CER-24"}, "gives no name",
                            "the call is not refused for it", snapshot, none));
  cases.push_back(make_case("CER/name-in-use", {"CER-25"}, "gives the same name twice",
                            "accepted or refused as a name", snapshot, doubled));
  cases.push_back(make_case(
      "CER/name-and-target", {"CER-26"}, "gives a name together with an existing target",
      "the target has its old name or the new one", of_kind(SyncType::Clone), with_target));
}

}  // namespace lockstep::conformance
