// Where a verb finds its broker: --server and --key, or --data; and what is done with an answer that is not a success.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "broker/cli/context.h"
#include "broker/cli/verb.h"

namespace fabu::cli {

// The options as given. FABU_SERVER, FABU_KEY and FABU_DATA serve for what is not given.
struct Where {
  std::string server, key, data;
};

// Adds --server, --key and --data to a verb. The result lives as long as the verb's callback needs it.
std::shared_ptr<Where> add_where(Verb verb);
// Adds --data alone, for verbs that belong to the machine's administrator.
std::shared_ptr<Where> add_data(Verb verb);

// Opens the door: --server before --data before the environment. On failure says why, sets the exit code, gives null.
std::unique_ptr<Door> open_door(Context&, const Where&);

// Calls and reads a success into `message` (protobuf's JSON mapping; fields of newer servers are ignored). Otherwise prints
// the problem, sets the exit code and gives false. `raw`, when not null, receives the body as it came.
bool ask(Context&, Door&, std::string_view method, const std::string& path, const google::protobuf::Message* request,
         google::protobuf::Message& message, std::string* raw = nullptr);

// Prints problem details (RFC 9457) or whatever else came, in the user's language, and sets the exit code. `what` names the
// thing asked about.
void say_problem(Context&, const Answer&, const std::string& what);
// The same, without touching the exit code: lines as they are printed, each indented by `indent`.
std::string problem_text(const Context&, const Answer&, const std::string& indent);

// JSON on one line, as --json prints it: protobuf's mapping of the message, fields that are not set left out.
std::string one_line_json(const google::protobuf::Message&);

}  // namespace fabu::cli
