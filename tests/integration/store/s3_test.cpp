// Attachments in a bucket: as the port promises, whatever the storage does.
#include "broker/store/s3/s3_bucket.h"

#include <fstream>

#include "integration/store/several_brokers.h"
#include "peers/s3/s3_server.h"

namespace fabu::store {
namespace {

using Fault = peers::S3Server::Fault;

class PostgresS3 : public SeveralBrokers {
 protected:
  S3Options bucket() const {
    S3Options s3;
    s3.endpoint = s3_.endpoint();
    s3.region = peers::S3Server::kRegion;
    s3.bucket = peers::S3Server::kBucket;
    s3.access_key = peers::S3Server::kAccessKey;
    s3.secret_key = peers::S3Server::kSecretKey;
    return s3;
  }
  std::unique_ptr<Store> with_bucket() {
    auto chosen = options();
    chosen.s3 = bucket();
    return std::move(open_postgres(chosen).value());
  }
  static Result<std::uint64_t> put(Store& store, const std::string& bytes) {
    auto writer = std::move(store.write_attachment(sha256(bytes), 10 << 20).value());
    for (std::size_t at = 0; at < bytes.size(); at += 100'000) writer->append(bytes.substr(at, 100'000)).value();
    return writer->finish();
  }
  static std::string read(Store& store, const std::string& bytes) {
    std::ifstream in(store.attachment_path(sha256(bytes)).value(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string file(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 + i / 251);
    return bytes;
  }

  peers::S3Server s3_;
};

TEST_F(PostgresS3, KeepsFilesInTheBucketForEveryBroker) {
  const auto one = with_bucket(), two = with_bucket();
  const auto bytes = file(3'000'000);
  EXPECT_EQ(put(*one, bytes).value(), bytes.size());
  EXPECT_EQ(s3_.objects(), (std::map<std::string, std::string>{{sha256(bytes).hex(), bytes}}));
  EXPECT_EQ(two->attachment_size(sha256(bytes)).value(), bytes.size());
  EXPECT_EQ(read(*two, bytes), bytes);
  EXPECT_EQ(put(*two, bytes).value(), bytes.size()) << "it is there";
  EXPECT_EQ(put(*one, "").value(), 0U);
  EXPECT_EQ(read(*two, ""), "");
  EXPECT_EQ(two->attachment_path(sha256("nothing")).error().code, ErrorCode::not_found);
}

TEST_F(PostgresS3, TriesAgainWhatMayPass) {
  const auto one = with_bucket(), two = with_bucket();
  const auto bytes = file(1000);
  for (const auto fault : {Fault::slow_down, Fault::internal_error, Fault::hang_up}) {
    const auto other = bytes + std::to_string(static_cast<int>(fault));
    s3_.misbehave(fault, 2);
    EXPECT_EQ(put(*one, other).value(), other.size());
    s3_.misbehave(fault, 2);
    EXPECT_EQ(read(*two, other), other);
  }
  EXPECT_TRUE(put(*one, bytes));
  s3_.misbehave(Fault::cut_body, 2);
  EXPECT_EQ(read(*two, bytes), bytes);
}

TEST_F(PostgresS3, IsNotSaidToHaveWhatItDidNotTake) {
  const auto store = with_bucket();
  const auto bytes = file(1000);
  s3_.misbehave(Fault::slow_down, 100);
  EXPECT_EQ(put(*store, bytes).error().code, ErrorCode::unavailable);
  EXPECT_EQ(store->attachment_size(sha256(bytes)).value(), std::nullopt);
  s3_.misbehave(Fault::none, 0);
  EXPECT_TRUE(put(*store, bytes));
  EXPECT_EQ(store->attachment_size(sha256(bytes)).value(), bytes.size());
}

TEST_F(PostgresS3, GivesNoOtherBytesThanWereStored) {
  const auto one = with_bucket(), two = with_bucket();
  const auto bytes = file(1000);
  ASSERT_TRUE(put(*one, bytes));
  for (const auto fault : {Fault::wrong_bytes, Fault::too_many_bytes}) {
    s3_.misbehave(fault);
    EXPECT_EQ(two->attachment_path(sha256(bytes)).error().code, ErrorCode::corrupt);
  }
  s3_.overwrite(sha256(bytes).hex(), "short");
  EXPECT_EQ(two->attachment_path(sha256(bytes)).error().code, ErrorCode::corrupt);
  s3_.lose(sha256(bytes).hex());
  EXPECT_EQ(two->attachment_path(sha256(bytes)).error().code, ErrorCode::corrupt);
  s3_.overwrite(sha256(bytes).hex(), bytes);
  EXPECT_EQ(read(*two, bytes), bytes);
}

TEST_F(PostgresS3, FailsAtOnceWithAnotherKey) {
  auto chosen = options();
  chosen.s3 = bucket();
  chosen.s3->secret_key = "another";
  const auto store = std::move(open_postgres(chosen).value());
  const auto answer = put(*store, "a file");
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_NE(answer.error().what.find("SignatureDoesNotMatch"), std::string::npos) << answer.error().what;
  EXPECT_EQ(s3_.requests(), std::vector<std::string>{"PUT 403"});
}

// A bucket that was configured later does not take the place of what is in the database.
TEST_F(PostgresS3, LeavesReadableWhatWasInTheDatabaseBefore) {
  const auto before = broker();
  ASSERT_TRUE(put(*before, "an old file"));
  EXPECT_EQ(read(*with_bucket(), "an old file"), "an old file");
  EXPECT_TRUE(s3_.objects().empty());
}

}  // namespace
}  // namespace fabu::store
