// The reports of a worker on their way to brokers: together in letters, each answered whole. What is not answered is sent again,
// to whichever broker there is. Without threads or I/O.
#pragma once

#include <fabu/v1/transport.pb.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fabu::transport::rabbitmq {

// Not thread-safe. Bounded by the reports that the worker waits for.
class ReportMail {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Answered = std::function<void(bool stored)>;

  struct Letter {
    std::string to;  // a queue
    std::string id;  // correlation id
    v1::Reports reports;
  };

  // `shared`: the queue for what its own broker does not answer. `patience`: how long an answer may take.
  ReportMail(std::string shared, std::chrono::milliseconds patience) : shared_(std::move(shared)), patience_(patience) {}

  void add(const std::string& to, v1::Report, Answered);
  // What is to be sent now. At most two letters are on their way to one queue: what waits meanwhile goes together.
  std::vector<Letter> send(Time now);
  // Those to call, with what to say. What could not be stored is kept, and sent again after a rest.
  std::vector<std::pair<Answered, bool>> answered(const std::string& letter, const v1::ReportAnswers&, Time now);
  // Nobody reads the queue that the letter was for.
  void undeliverable(const std::string& letter);
  // Answers of letters that were sent until now will not come: this worker's own queue is gone.
  void nothing_will_come();

 private:
  struct Pending {
    v1::Report report;
    Answered answered;
  };
  struct Sent {
    std::string to;
    std::vector<Pending> reports;
    Time when;
  };
  void put_back(std::map<std::string, Sent>::iterator);

  const std::string shared_;
  const std::chrono::milliseconds patience_;
  std::map<std::string, std::deque<Pending>> waiting_;  // by queue
  std::map<std::string, Sent> sent_;                    // by letter
  std::deque<std::pair<Time, Pending>> resting_;        // by the time at which they are sent again
  std::map<std::string, int> under_way_;                // letters, by queue
  std::uint64_t next_ = 1;
};

}  // namespace fabu::transport::rabbitmq
