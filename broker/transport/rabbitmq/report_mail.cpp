#include "broker/transport/rabbitmq/report_mail.h"

#include <algorithm>
#include <utility>

namespace fabu::transport::rabbitmq {
namespace {

constexpr int kLettersUnderWay = 2;
constexpr std::size_t kReportsInALetter = 200;
constexpr std::chrono::milliseconds kRest{1000};  // before the store is tried again

}  // namespace

void ReportMail::add(const std::string& to, v1::Report report, Answered answered) {
  waiting_[to.empty() ? shared_ : to].push_back({std::move(report), std::move(answered)});
}

std::vector<ReportMail::Letter> ReportMail::send(Time now) {
  for (auto it = sent_.begin(); it != sent_.end();) {
    const auto letter = it++;
    if (now - letter->second.when >= patience_) put_back(letter);
  }
  for (; !resting_.empty() && resting_.front().first <= now; resting_.pop_front())
    waiting_[shared_].push_back(std::move(resting_.front().second));
  std::vector<Letter> letters;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    auto& [to, reports] = *it;
    while (!reports.empty() && under_way_[to] < kLettersUnderWay) {
      Letter letter{to, std::to_string(next_++), {}};
      Sent sent{to, {}, now};
      for (; !reports.empty() && sent.reports.size() < kReportsInALetter; reports.pop_front()) {
        *letter.reports.add_reports() = reports.front().report;
        sent.reports.push_back(std::move(reports.front()));
      }
      ++under_way_[to];
      sent_.emplace(letter.id, std::move(sent));
      letters.push_back(std::move(letter));
    }
    it = reports.empty() ? waiting_.erase(it) : std::next(it);
  }
  return letters;
}

std::vector<std::pair<ReportMail::Answered, bool>> ReportMail::answered(const std::string& letter,
                                                                        const v1::ReportAnswers& answers, Time now) {
  std::vector<std::pair<Answered, bool>> told;
  const auto found = sent_.find(letter);
  if (found == sent_.end()) return told;  // it was sent again meanwhile
  auto& [to, reports, when] = found->second;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const int place = static_cast<int>(i);
    const auto answer = place < answers.answers_size() ? answers.answers(place) : v1::REPORT_ANSWER_AGAIN;
    if (answer == v1::REPORT_ANSWER_STORED || answer == v1::REPORT_ANSWER_REFUSED) {
      told.emplace_back(std::move(reports[i].answered), answer == v1::REPORT_ANSWER_STORED);
    } else {
      resting_.emplace_back(now + kRest, std::move(reports[i]));
    }
  }
  if (--under_way_[to] == 0) under_way_.erase(to);
  sent_.erase(found);
  return told;
}

void ReportMail::undeliverable(const std::string& letter) {
  const auto found = sent_.find(letter);
  if (found != sent_.end() && found->second.to != shared_) put_back(found);
}

void ReportMail::nothing_will_come() {
  while (!sent_.empty()) put_back(sent_.begin());
}

// To be sent again, before what came later.
void ReportMail::put_back(std::map<std::string, Sent>::iterator letter) {
  auto& [to, reports, when] = letter->second;
  auto& waiting = waiting_[shared_];
  for (auto one = reports.rbegin(); one != reports.rend(); ++one) waiting.push_front(std::move(*one));
  if (--under_way_[to] == 0) under_way_.erase(to);
  sent_.erase(letter);
}

}  // namespace fabu::transport::rabbitmq
