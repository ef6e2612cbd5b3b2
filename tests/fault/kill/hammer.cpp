// The hammer: loads the built server with 64 submitters, kills it with SIGKILL at random moments, starts it again, and compares
// at the end every ack with every channel and with the audit log. Nothing acked may be lost, doubled or unproven.
//
//   fabu_hammer FABU_BINARY [--kills 50] [--submitters 64] [--items 1500] [--seed N] [--print 1]
//
// --print 1: the notice board prints to a queue of a real cupsd instead of laying sheets into a folder.
#include <fabu/v1/api.pb.h>
#include <google/protobuf/util/json_util.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "load/connection.h"
#include "load/sample_item.h"
#include "load/server_process.h"
#include "sheets.h"

namespace fs = std::filesystem;
using fabu::load::Connection;
using fabu::load::Reply;
namespace v1 = fabu::v1;

namespace {

struct Options {
  std::string fabu;
  int kills = 50, submitters = 64, items = 1500;
  unsigned seed = 20261123;
  bool print = false;
};

Options options_of(int argc, char** argv) {
  Options options;
  options.fabu = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const int value = std::stoi(argv[i + 1]);
    if (name == "--kills") options.kills = value;
    if (name == "--submitters") options.submitters = value;
    if (name == "--items") options.items = value;
    if (name == "--seed") options.seed = static_cast<unsigned>(value);
    if (name == "--print") options.print = value != 0;
  }
  return options;
}

int faults = 0;

void fault(const std::string& what) {
  if (++faults <= 20) std::printf("FAULT: %s\n", what.c_str());
}

// What was promised: the receipt of each reference, as the server sent it.
class Acks {
 public:
  void add(const std::string& reference, std::string receipt) {
    const std::lock_guard lock(mutex_);
    receipts_.emplace(reference, std::move(receipt));
  }
  const std::map<std::string, std::string>& all() const { return receipts_; }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return receipts_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> receipts_;
};

// Submits `count` items, each again and again until it is acked. `pace` spreads them over the run.
void submitter(int number, int count, unsigned short port, const std::string& key, Acks& acks, std::chrono::microseconds pace) {
  Connection connection("127.0.0.1", port, key);
  for (int n = 0; n < count; ++n) {
    const std::string reference = "S" + std::to_string(number) + "-" + std::to_string(n);
    const std::string body = fabu::load::sample_item("load", reference, 1200).SerializeAsString();
    const auto begun = std::chrono::steady_clock::now();
    for (;;) {
      const Reply reply = connection.request("POST", "/v1/items", "application/x-protobuf", body);
      if (reply.status == 200 || reply.status == 201) {
        acks.add(reference, reply.body);
        break;
      }
      if (reply.status != 0 && reply.status != 429 && reply.status != 503) {
        fault(reference + " was answered " + std::to_string(reply.status) + " " + reply.body);
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_until(begun + pace);
  }
}

void kill_and_restart(fabu::load::ServerProcess& server, const Options& options, const std::atomic<bool>& submitting,
                      int& kills) {
  std::mt19937 random(options.seed);
  std::uniform_int_distribution<int> delay(20, 600);
  while (kills < options.kills) {
    std::this_thread::sleep_for(std::chrono::milliseconds(delay(random)));
    server.kill();
    ++kills;
    server.start();
    // Half of the kills come while it is still starting.
    if (kills % 2 == 0 && !server.wait_ready(60))
      return fault("the server did not start again after kill " + std::to_string(kills));
    if (kills % 10 == 0) std::printf("killed %d times%s\n", kills, submitting ? "" : " (all submitted)");
    std::fflush(stdout);
  }
}

template <typename Message>
bool read_json(const std::string& text, Message& message) {
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(text, &message, lenient).ok();
}

bool wait_drained(Connection& connection, double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  v1::ChannelList list;
  while (std::chrono::steady_clock::now() < deadline) {
    const Reply reply = connection.request("GET", "/v1/channels", "", "");
    list.Clear();
    if (reply.status == 200 && read_json(reply.body, list)) {
      std::uint64_t waiting = 0;
      for (const auto& channel : list.channels()) waiting += channel.waiting();
      if (waiting == 0) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::printf("still waiting:\n%s\n", list.DebugString().c_str());
  return false;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void check_item(Connection& connection, const std::string& reference, const std::string& receipt_text, const fs::path& data,
                const std::multiset<std::string>& sheets) {
  v1::SubmissionReceipt receipt;
  if (!read_json(receipt_text, receipt)) return fault(reference + ": unreadable receipt " + receipt_text);
  const std::string id = std::to_string(receipt.item_id());
  const Reply again = connection.request("POST", "/v1/items", "application/x-protobuf",
                                         fabu::load::sample_item("load", reference, 1200).SerializeAsString());
  if (again.body != receipt_text) fault(reference + ": sent again, another receipt: " + again.body + " before: " + receipt_text);
  v1::ItemView view;
  const Reply item = connection.request("GET", "/v1/items/" + id, "", "");
  if (item.status != 200 || !read_json(item.body, view)) return fault(reference + ": item " + id + " is not there");
  if (view.reference() != reference) fault(reference + ": item " + id + " is " + view.reference());
  if (view.deliveries_size() != 2) fault(reference + ": " + std::to_string(view.deliveries_size()) + " deliveries instead of 2");
  for (const auto& delivery : view.deliveries()) {
    if (delivery.state() != v1::DELIVERY_STATE_DELIVERED)
      fault(delivery.id() + " is not delivered: " + delivery.ShortDebugString());
  }
  if (read_file(data / "site" / "items" / id / "index.html").find(reference) == std::string::npos) fault(reference + ": no page");
  if (const auto n = sheets.count(id + "-1-noticeboard"); n != 1) fault(reference + ": " + std::to_string(n) + " sheets");
  v1::Trace trace;
  const Reply traced = connection.request("GET", "/v1/items/" + id + "/trace", "", "");
  if (traced.status != 200 || !read_json(traced.body, trace)) return fault(reference + ": no trace");
  std::map<int, int> acts;
  for (const auto& step : trace.steps()) ++acts[step.record().action()];
  if (acts[v1::AUDIT_ACTION_RECEIVED] != 1)
    fault(reference + ": received " + std::to_string(acts[v1::AUDIT_ACTION_RECEIVED]) + " times");
  if (acts[v1::AUDIT_ACTION_DELIVERED] != 2)
    fault(reference + ": " + std::to_string(acts[v1::AUDIT_ACTION_DELIVERED]) + " DELIVERED records");
}

// One page and one sheet for each stored item, acked or not, and nothing else.
void check_counts(Connection& connection, const fs::path& data, std::size_t acked, std::size_t sheets) {
  std::set<std::string> pages;
  for (const auto& entry : fs::directory_iterator(data / "site" / "items")) pages.insert(entry.path().filename());
  v1::ItemList list;
  std::size_t stored = 0;
  std::string before;
  do {
    const Reply reply = connection.request("GET", "/v1/items?limit=500" + (before.empty() ? "" : "&after=" + before), "", "");
    list.Clear();
    if (!read_json(reply.body, list)) return fault("the list of items cannot be read: " + reply.body);
    stored += static_cast<std::size_t>(list.items_size());
    before = list.next();
  } while (!before.empty());
  std::printf("acked %zu, stored %zu, pages %zu, sheets %zu\n", acked, stored, pages.size(), sheets);
  if (stored < acked) fault("acked items are missing from the store");
  if (pages.size() != stored) fault("pages and items differ in number");
  if (sheets != stored) fault("sheets and items differ in number");
}

std::string write_config(const fs::path& folder, const std::string& board) {
  const auto file = folder / "fabu.yaml";
  std::ofstream(file) << "log:\n  level: warn\n"
                      << "channels:\n  - name: website\n    kind: website\n    folder: " << (folder / "data/site").string()
                      << "\n  - name: noticeboard\n    kind: noticeboard\n"
                      << board;
  return file;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::printf("usage: fabu_hammer FABU_BINARY [--kills N] [--submitters N] [--items N] [--seed N]\n"), 2;
  const Options options = options_of(argc, argv);
  std::string pattern = (fs::temp_directory_path() / "fabu-hammer-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  const fs::path data = folder / "data";
  const auto board = options.print ? fabu::hammer::printed_sheets() : fabu::hammer::spooled_sheets(data / "spool");
  const auto config = write_config(folder, board->config());
  const auto key = fabu::load::run({options.fabu, "key", "create", "--data", data, "--department", "load", "--scope", "submit",
                                    "--scope", "read", "--scope", "operate", "--scope", "audit"});
  if (key.code != 0) return std::printf("key create failed: %d\n", key.code), 1;
  const std::string secret = key.output.substr(0, key.output.find('\n'));
  const auto port = fabu::load::free_port();
  const std::string address = "127.0.0.1:" + std::to_string(port);
  fabu::load::ServerProcess server({options.fabu, "serve", "--data", data, "--listen", address, "--config", config}, port,
                                   (folder / "server.log").string());
  server.start();
  if (!server.wait_ready(60)) return std::printf("the server did not start; see %s\n", (folder / "server.log").c_str()), 1;

  Acks acks;
  std::atomic<bool> submitting{true};
  const int each = std::max(1, options.items / options.submitters);
  const auto pace = std::chrono::microseconds(500'000LL * options.kills / each);
  std::vector<std::thread> submitters;
  for (int n = 0; n < options.submitters; ++n) {
    submitters.emplace_back([&, n] { submitter(n, each, port, secret, acks, pace); });
  }
  int kills = 0;
  kill_and_restart(server, options, submitting, kills);
  if (!server.wait_ready(60)) fault("the server did not start at the end");
  for (auto& thread : submitters) thread.join();
  submitting = false;

  Connection connection("127.0.0.1", port, secret);
  if (!wait_drained(connection, 240)) fault("not everything was delivered");
  const auto sheets = board->names();
  for (const auto& [reference, receipt] : acks.all()) check_item(connection, reference, receipt, data, sheets);
  check_counts(connection, data, acks.size(), sheets.size());
  const auto verified = fabu::load::run({options.fabu, "audit", "verify", "http://" + address + "/log"});
  std::printf("%s", verified.output.c_str());
  if (verified.code != 0) fault("the log does not verify");
  if (const int code = server.terminate(); code != 0) fault("the server ended with " + std::to_string(code));
  std::printf("%d kills, %d submitters, seed %u: %s\n", kills, options.submitters, options.seed,
              faults == 0 ? "nothing lost, nothing doubled" : "FAILED");
  if (faults == 0) fs::remove_all(folder);
  return faults == 0 ? 0 : 1;
}
