#include "adapters/noticeboard/strips.h"

#include <algorithm>
#include <cmath>

namespace fabu::noticeboard {
namespace {

constexpr double kSlack = 0.01;  // of sums of heights

class Pager {
 public:
  Pager(const std::vector<Strip>& strips, const Frame& frame) : strips_(strips), frame_(frame), room_(frame.first_height) {
    pages_.emplace_back();
  }

  std::vector<Page> run(std::size_t together) {
    const std::size_t ending = strips_.size() - std::min(together, strips_.size());
    for (std::size_t i = 0; i < strips_.size();) {
      std::size_t end = i + 1;
      while (end < strips_.size() && strips_[end - 1].keep_with_next) ++end;
      if (end > ending) end = strips_.size();
      double needed = end > ending ? frame_.last_height : 0;
      for (std::size_t k = i; k < end; ++k) needed += strips_[k].height;
      if (y_ > top_ && y_ + needed > room_ + kSlack && needed <= frame_.height) turn(strips_[i]);
      for (; i < end; ++i) place(strips_[i]);
    }
    if (y_ + frame_.last_height > room_ + kSlack) make_room_for_foot();
    return std::move(pages_);
  }

 private:
  void turn(const Strip& next) {
    pages_.emplace_back();
    y_ = 0;
    room_ = frame_.height;
    // A head that takes much of the page would leave no room for what it heads.
    if (next.head != nullptr && next.head->height < room_ / 3) put(*next.head, 0, next.head->height);
    top_ = y_;
  }

  // Text goes with the foot to a new page: the last strip, or some lines of it when it can be cut.
  void make_room_for_foot() {
    if (pages_.back().empty()) return turn({});
    Placed& last = pages_.back().back();
    const Strip& strip = *last.strip;
    const double end = last.to;
    double from = last.from;
    if (strip.divide > 0 && end - from > 3 * strip.divide) {
      from = strip.offset + std::floor((end - 2 * strip.divide - strip.offset) / strip.divide) * strip.divide;
      last.to = from;
    } else if (last.y > top_) {
      pages_.back().pop_back();
    } else {
      return turn({});  // it fills the page by itself
    }
    turn(strip);
    put(strip, from, end);
  }

  void put(const Strip& strip, double from, double to) {
    pages_.back().push_back({&strip, y_, from, to});
    y_ += to - from;
  }

  void place(const Strip& strip) {
    if (strip.space && (y_ <= top_ || y_ + strip.height > room_)) return;
    if (y_ + strip.height <= room_ + kSlack) return put(strip, 0, strip.height);
    if (strip.divide <= 0) {
      if (y_ > top_) turn(strip);
      return put(strip, 0, strip.height);
    }
    divide(strip);
  }

  void divide(const Strip& strip) {
    double from = 0;
    while (strip.height - from > room_ - y_ + kSlack) {
      const double cut = strip.offset + std::floor((from + room_ - y_ - strip.offset) / strip.divide + kSlack) * strip.divide;
      if (cut <= from + kSlack) {
        if (y_ <= top_) break;  // not even one line fits on a page of its own: let it stand
        turn(strip);
        continue;
      }
      put(strip, from, cut);
      from = cut;
      turn(strip);
    }
    put(strip, from, strip.height);
  }

  const std::vector<Strip>& strips_;
  Frame frame_;
  double room_;
  double y_ = 0;
  double top_ = 0;  // below a repeated head
  std::vector<Page> pages_;
};

}  // namespace

std::vector<Strip> arranged(std::vector<Strip> strips, double ratio, bool tables_whole) {
  for (Strip& strip : strips) {
    if (strip.line || strip.space) strip.height *= ratio;
    if (strip.whole && tables_whole) strip.keep_with_next = true;
  }
  return strips;
}

std::vector<Page> paginate(const std::vector<Strip>& strips, const Frame& frame, std::size_t together) {
  return Pager(strips, frame).run(together);
}

}  // namespace fabu::noticeboard
