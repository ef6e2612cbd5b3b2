#include "broker/flow/afterwards.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

namespace fabu::flow {
namespace {

using namespace std::chrono_literals;

class AfterwardsTest : public testing::Test {
 protected:
  void add(Afterwards& afterwards, int number) {
    afterwards.add([this, number] { done.push_back(number); });
  }
  boost::asio::io_context io;
  std::vector<int> done;
};

TEST_F(AfterwardsTest, DoesWhatWaitsWhenToldTo) {
  Afterwards afterwards(io.get_executor(), 1h);
  add(afterwards, 1);
  add(afterwards, 2);
  io.poll();
  EXPECT_EQ(done, std::vector<int>{}) << "there is an hour left";
  afterwards.now();
  EXPECT_EQ(done, (std::vector{1, 2}));
  afterwards.now();
  EXPECT_EQ(done, (std::vector{1, 2})) << "once only";
}

TEST_F(AfterwardsTest, DoesItByItselfWhenNobodyTells) {
  Afterwards afterwards(io.get_executor(), 0us);
  add(afterwards, 1);
  io.run();
  EXPECT_EQ(done, std::vector{1});
  add(afterwards, 2);
  io.restart();
  io.run();
  EXPECT_EQ(done, (std::vector{1, 2})) << "a second time";
}

TEST_F(AfterwardsTest, WorkMayAddWork) {
  Afterwards afterwards(io.get_executor(), 0us);
  afterwards.add([&] { add(afterwards, 2); });
  io.run();
  EXPECT_EQ(done, std::vector{2});
}

TEST_F(AfterwardsTest, ForgetsWhatWaitsWhenItGoes) {
  {
    Afterwards afterwards(io.get_executor(), 0us);
    add(afterwards, 1);
  }
  io.run();
  EXPECT_EQ(done, std::vector<int>{});
}

}  // namespace
}  // namespace fabu::flow
