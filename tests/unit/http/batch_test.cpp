#include "broker/http/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>

#include "unit/run_awaitable.h"

namespace fabu::http {
namespace {

using Form = BatchReader::Form;
using testing::ElementsAre;
using testing::HasSubstr;

std::string delimited(const std::string& bytes) {
  std::string out;
  for (std::size_t size = bytes.size();; size >>= 7) {
    if (size < 0x80) return out + static_cast<char>(size) + bytes;
    out += static_cast<char>((size & 0x7F) | 0x80);
  }
}

// Every submission that is read when the text comes in pieces of `piece` bytes; a fault is shown as its code.
std::vector<std::string> read(Form form, std::string_view text, std::size_t piece, std::size_t most = 100) {
  BatchReader reader(form, most);
  std::vector<std::string> found;
  const auto drain = [&] {
    while (auto entry = reader.next()) {
      found.push_back(!entry->fault ? entry->bytes : entry->fault->code == ErrorCode::too_large ? "TOO LARGE" : "MALFORMED");
    }
  };
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    reader.feed(text.substr(0, piece));
    drain();
  }
  reader.end();
  drain();
  return found;
}

TEST(BatchReader, CutsLinesWhateverThePiecesTheyComeIn) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    EXPECT_THAT(read(Form::lines, "{1}\n\n  \r\n{2}\r\n{3}", piece), ElementsAre("{1}", "{2}", "{3}")) << piece;
  }
}

TEST(BatchReader, SkipsALineThatIsTooLongAndGoesOn) {
  const std::string text = "{1}\n" + std::string(5000, 'x') + "\n{2}\n" + std::string(101, 'y');
  for (const std::size_t piece : {1U, 64U, 100000U})
    EXPECT_THAT(read(Form::lines, text, piece), ElementsAre("{1}", "TOO LARGE", "{2}", "TOO LARGE")) << piece;
}

TEST(BatchReader, CutsDelimitedMessagesWhateverThePiecesTheyComeIn) {
  const std::string long_one(90, 'z');
  const std::string text = delimited("ab") + delimited("") + delimited(long_one);
  for (const std::size_t piece : {1U, 2U, 50U, 1000U})
    EXPECT_THAT(read(Form::delimited, text, piece), ElementsAre("ab", "", long_one)) << piece;
}

TEST(BatchReader, SkipsADelimitedMessageThatIsTooLargeAndGoesOn) {
  const std::string text = delimited(std::string(300, 'x')) + delimited("ab");
  for (const std::size_t piece : {1U, 50U, 1000U})
    EXPECT_THAT(read(Form::delimited, text, piece), ElementsAre("TOO LARGE", "ab")) << piece;
}

TEST(BatchReader, EndsAtABatchThatIsCutShort) {
  EXPECT_THAT(read(Form::delimited, delimited("ab") + "\x05xy", 3), ElementsAre("ab", "MALFORMED"));
  EXPECT_THAT(read(Form::delimited, delimited("ab") + "\x85", 3), ElementsAre("ab", "MALFORMED"));
  EXPECT_THAT(read(Form::delimited, std::string(20, '\xff') + delimited("ab"), 3), ElementsAre("MALFORMED"));
  EXPECT_THAT(read(Form::delimited, delimited(std::string(300, 'x')).substr(0, 200), 7), ElementsAre("TOO LARGE", "MALFORMED"));
}

TEST(BatchReader, SurvivesAnyBytes) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string text(random() % 400, 0);
    for (auto& c : text) c = static_cast<char>(random() % 5 == 0 ? random() : random() % 12);
    const std::size_t piece = 1 + random() % 50;
    EXPECT_EQ(read(Form::delimited, text, piece, 20), read(Form::delimited, text, 1000, 20));
    EXPECT_EQ(read(Form::lines, text, piece, 20), read(Form::lines, text, 1000, 20));
  }
}

// Gives its pieces one by one.
class Pieces final : public BodySource {
 public:
  Pieces(std::vector<std::string> pieces, bool breaks_off) : pieces_(std::move(pieces)), breaks_off_(breaks_off) {}
  boost::asio::awaitable<Result<std::string_view>> read() override {
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    if (at_ < pieces_.size()) co_return std::string_view(pieces_[at_++]);
    if (breaks_off_) co_return Error{ErrorCode::malformed, "body", "cut", "", {}};
    co_return std::string_view();
  }

 private:
  std::vector<std::string> pieces_;
  bool breaks_off_;
  std::size_t at_ = 0;
};

struct Counted {
  unsigned now = 0, most = 0, all = 0;
};

boost::asio::awaitable<v1::BatchAnswer> submit_slowly(std::string bytes, std::shared_ptr<Counted> counted,
                                                      std::shared_ptr<std::mt19937> random) {
  counted->most = std::max(counted->most, ++counted->now);
  ++counted->all;
  const auto executor = co_await boost::asio::this_coro::executor;
  for (unsigned turns = (*random)() % 20; turns > 0; --turns) co_await boost::asio::post(executor, boost::asio::use_awaitable);
  --counted->now;
  v1::BatchAnswer answer;
  answer.mutable_receipt()->set_reference(bytes);
  if (bytes == "throw") throw std::runtime_error("boom");
  co_return answer;
}

v1::BatchAnswer refuse(const Error& error) {
  v1::BatchAnswer answer;
  answer.mutable_problem()->set_detail(error.what);
  return answer;
}

boost::asio::awaitable<std::string> all_of(std::shared_ptr<BodyStream> stream) {
  std::string text;
  for (;;) {
    auto piece = co_await stream->next();
    if (!piece || piece->empty()) co_return text;
    text += *piece;
  }
}

struct Outcome {
  std::string text;
  Counted counted;
};

Outcome answer(std::vector<std::string> pieces, BatchOptions options, bool breaks_off = false) {
  const auto counted = std::make_shared<Counted>();
  const auto random = std::make_shared<std::mt19937>(11);
  const auto submit = [counted, random](std::string bytes) { return submit_slowly(std::move(bytes), counted, random); };
  auto batch = std::make_shared<Batch>(std::make_shared<Pieces>(std::move(pieces), breaks_off), submit, refuse, options);
  return {run(all_of(Batch::stream(std::move(batch)))), *counted};
}

TEST(Batch, AnswersEverySubmissionInOrderWithinItsWindow) {
  std::vector<std::string> pieces;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    pieces.push_back("n" + std::to_string(i) + "\n");
    expected += std::string("{") + (i > 0 ? "\"line\":" + std::to_string(i) + "," : "") + "\"receipt\":{\"reference\":\"n" +
                std::to_string(i) + "\"}}\n";
  }
  BatchOptions options;
  options.window = 8;
  const auto outcome = answer(pieces, options);
  EXPECT_EQ(outcome.text, expected);
  EXPECT_EQ(outcome.counted.all, 500U);
  EXPECT_LE(outcome.counted.most, 8U);
  EXPECT_GT(outcome.counted.most, 1U);
}

TEST(Batch, HoldsBackReadingWhenAnswersAreNotTaken) {
  BatchOptions options;
  options.unsent = 200;
  std::vector<std::string> pieces(100, "line\n");
  EXPECT_EQ(answer(pieces, options).counted.all, 100U);  // goes on as they are taken
}

TEST(Batch, AnswersAFaultInItsPlace) {
  BatchOptions options;
  options.most_bytes = 10;
  const auto text = answer({"a\n", std::string(50, 'x'), "\nthrow\nb\n"}, options).text;
  EXPECT_THAT(text, HasSubstr("{\"line\":1,\"problem\":{\"detail\":\"The submission has more than 10 bytes.\"}}\n"));
  EXPECT_THAT(text, HasSubstr("{\"line\":2,\"problem\":{\"detail\":\"The submission failed here.\"}}\n"));
  EXPECT_THAT(text, HasSubstr("{\"line\":3,\"receipt\":{\"reference\":\"b\"}}\n"));
}

TEST(Batch, TellsThatTheBodyBrokeOff) {
  EXPECT_THAT(answer({"a\n", "half"}, {}, true).text, testing::EndsWith("{\"line\":1,\"problem\":{\"detail\":\"cut\"}}\n"));
}

TEST(Batch, AnswersInTheFormThatIsAskedFor) {
  BatchOptions options;
  options.takes = options.gives = Form::delimited;
  const auto text = answer({delimited("one") + delimited("two")}, options).text;
  const auto found = read(Form::delimited, text, 1000);
  ASSERT_EQ(found.size(), 2U);
  v1::BatchAnswer second;
  ASSERT_TRUE(second.ParseFromString(found[1]));
  EXPECT_EQ(second.line(), 1U);
  EXPECT_EQ(second.receipt().reference(), "two");
}

TEST(Batch, DroppedByItsReaderLeavesNothingBehind) {
  auto counted = std::make_shared<Counted>();
  const auto random = std::make_shared<std::mt19937>(5);
  const auto submit = [counted, random](std::string bytes) { return submit_slowly(std::move(bytes), counted, random); };
  BatchOptions options;
  options.unsent = 100;
  auto batch =
      std::make_shared<Batch>(std::make_shared<Pieces>(std::vector<std::string>(1000, "line\n"), false), submit, refuse, options);
  const std::weak_ptr<Batch> left = batch;
  auto stream = Batch::stream(std::move(batch));
  const auto one = [](std::shared_ptr<BodyStream> s) -> boost::asio::awaitable<std::string> {
    auto piece = co_await s->next();
    co_return *piece;
  };
  EXPECT_FALSE(run(one(std::move(stream))).empty());  // the context runs until every coroutine has ended
  EXPECT_TRUE(left.expired());
  EXPECT_LT(counted->all, 1000U);
}

}  // namespace
}  // namespace fabu::http
