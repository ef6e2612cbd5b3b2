// fabu key: makes, lists and revokes API keys. fabu keys show: the log's verifier key.
#include <fabu/v1/api.pb.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "broker/audit/checkpoint.h"
#include "broker/audit/signing_key.h"
#include "broker/cli/doorway.h"
#include "broker/cli/table.h"
#include "broker/cli/verbs.h"

namespace fabu::cli {
namespace {

struct Options {
  std::shared_ptr<Where> where;
  bool json = false;
  std::string department, name, key_id;
  std::vector<std::string> scopes;
};

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

void create(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  v1::KeyRequest request;
  request.set_department(o.department);
  request.set_name(o.name);
  for (const auto& scope : o.scopes) request.add_scopes(scope);
  v1::KeyAnswer answer;
  if (!ask(context, *door, "POST", "/v1/keys", &request, answer)) return;
  *context.out << (o.json ? one_line_json(answer) : answer.key()) << '\n';
  if (!o.json) {
    *context.err << fmt::format("key {} of {} may: {}. It is shown this once.\n", answer.key_id(), answer.department(),
                                joined(answer.scopes()));
  }
}

void list(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  v1::KeyList keys;
  if (!door || !ask(context, *door, "GET", "/v1/keys", nullptr, keys)) return;
  Table table({"KEY ID", "DEPARTMENT", "MAY", "NAME", "MADE", "REVOKED"});
  for (const auto& key : keys.keys()) {
    if (o.json) {
      *context.out << one_line_json(key) << '\n';
    } else {
      table.row({key.key_id(), key.department(), joined(key.scopes()), key.name(), show_time(key.created_ms()),
                 show_time(key.revoked_ms())});
    }
  }
  if (!o.json) table.print(*context.out);
}

void revoke(Context& context, const Options& o) {
  const auto door = open_door(context, *o.where);
  if (!door) return;
  auto answer = door->call("DELETE", "/v1/keys/" + percent_encode(o.key_id));
  if (!answer) return context.fail(answer.error());
  if (!answer->ok()) return say_problem(context, *answer, "key " + o.key_id);
  *context.out << (o.json ? "{\"revoked\":\"" + o.key_id + "\"}" : "revoked " + o.key_id) << '\n';
}

// The log's name, in which its key signs; of folders from before it was noted, out of the newest checkpoint.
std::string origin_of(const std::filesystem::path& log) {
  std::ifstream noted(log / "origin", std::ios::binary);
  std::string origin;
  if (std::getline(noted, origin) && !origin.empty()) return origin;
  std::ifstream file(log / "checkpoint", std::ios::binary);
  const std::string note((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto checkpoint = audit::read_checkpoint(note);
  return checkpoint ? checkpoint->origin : std::string();
}

Result<std::string> verifier_key(const std::filesystem::path& log) {
  const auto origin = origin_of(log);
  if (origin.empty())
    return Error{ErrorCode::not_found, log.string(), "no log was begun here yet", "start `fabu serve` on this folder once", {}};
  const auto key = audit::SigningKey::load((log / "key.pem").string(), origin);
  if (!key) return key.error();
  return key->verifier_text();
}

void show(Context& context, const Options& o) {
  const std::string data = o.where->data.empty() ? context.environment("FABU_DATA") : o.where->data;
  if (data.empty()) return context.fail(Exit::usage, "which broker? Give --data DIR");
  const auto key = verifier_key(std::filesystem::path(data) / "log");
  if (!key) return context.fail(key.error());
  *context.out << (o.json ? nlohmann::json{{"verifierKey", *key}}.dump() : *key) << '\n';
}

}  // namespace

void add_keys(Verb app, Context& context) {
  auto key = app.add_subcommand("key", "API keys: create, list, revoke");
  key->require_subcommand();
  const auto add = [&](const char* name, const char* about, const char* footer) {
    auto o = std::make_shared<Options>();
    auto verb = key->add_subcommand(name, about);
    verb->footer(footer);
    o->where = add_where(verb);
    verb->add_flag("--json", o->json, "JSON, one object a line");
    return std::pair(verb, o);
  };
  const auto [create_verb, c] = add("create", "Make a key and print it alone on stdout; it is shown this once",
                                    "Works while the server runs and while it does not.\n"
                                    "Examples:\n  KEY=$(fabu key create --data /var/lib/fabu --department TRADING)\n"
                                    "  fabu key create --data /var/lib/fabu --department OFFICE --scope operate --scope audit");
  create_verb->add_option("--department", c->department, "Code of the department that it belongs to")
      ->required()
      ->type_name("CODE");
  create_verb->add_option("--scope", c->scopes, "What it may do, repeated or with commas (default: submit, read)")
      ->with_commas()
      ->one_of({"submit", "read", "operate", "audit", "review", "admin"});
  create_verb->add_option("--name", c->name, "What it is for, at most 100 characters");
  create_verb->callback([&context, o = c] { create(context, *o); });
  const auto [list_verb, l] = add("list", "Every key, without its secret", "Example:\n  fabu key list --data /var/lib/fabu");
  list_verb->callback([&context, o = l] { list(context, *o); });
  const auto [revoke_verb, r] =
      add("revoke", "Make a key useless at once", "Example:\n  fabu key revoke 3f9a --data /var/lib/fabu");
  revoke_verb->add_option("key-id", r->key_id, "As `fabu key list` shows it")->required();
  revoke_verb->callback([&context, o = r] { revoke(context, *o); });

  auto keys = app.add_subcommand("keys", "The log's own key: show");
  keys->require_subcommand();
  auto s = std::make_shared<Options>();
  auto show_verb = keys->add_subcommand("show", "The log's verifier key (C2SP signed-note), for auditors and witnesses");
  show_verb->footer(
      "Publish it where it cannot be changed quietly; `fabu audit verify --key` takes it.\n"
      "Example:\n  fabu keys show --data /var/lib/fabu");
  s->where = add_data(show_verb);
  show_verb->add_flag("--json", s->json, "As a JSON object");
  show_verb->callback([&context, s] { show(context, *s); });
}

}  // namespace fabu::cli
