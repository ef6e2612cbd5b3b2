#include "broker/audit/note.h"

#include <gtest/gtest.h>

#include "broker/audit/base64.h"
#include "broker/audit/checkpoint.h"
#include "broker/audit/signing_key.h"
#include "unit/audit/vectors.h"

namespace fabu::audit {
namespace {

const nlohmann::json& reference() {
  return vectors()["checkpoint"];
}
SigningKey reference_key(const std::string& name = "fabu.example/log") {
  return SigningKey::from_seed(from_hex(reference()["seed_hex"]), name).value();
}
VerifierKey reference_verifier() {
  return VerifierKey::parse(reference()["vkey"].get<std::string>()).value();
}

TEST(Note, TheReferenceSeedGivesTheReferenceVerifierKeyAndCheckpoint) {
  const auto key = reference_key();
  EXPECT_EQ(key.verifier_text(), reference()["vkey"]);
  EXPECT_EQ(key.sign_checkpoint(70000, digest_of_hex(vectors()["tiles_70000"]["root_hex"])), reference()["note"]);
}

TEST(Note, TheReferenceCheckpointOpensUnderItsKey) {
  const std::vector<VerifierKey> known{reference_verifier()};
  const auto opened = open_checkpoint(reference()["note"].get<std::string>(), known);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->origin, "fabu.example/log");
  EXPECT_EQ(opened->size, 70000U);
  EXPECT_EQ(opened->root.hex(), vectors()["tiles_70000"]["root_hex"]);
}

TEST(Note, TheReferenceCosignatureIsMadeAndVerified) {
  const auto& v = vectors()["cosignature"];
  const auto witness = reference_key(v["witness"]);
  auto note = Note::parse(reference()["note"].get<std::string>()).value();
  const auto line = witness.cosign(note.text, v["time"]);
  EXPECT_EQ(line.line(), v["line"].get<std::string>() + "\n");
  note.signatures.push_back(line);
  VerifierKey key{v["witness"], KeyType::cosignature, witness.verifier().public_key};
  EXPECT_EQ(key.id(), line.key_id);
  EXPECT_EQ(VerifierKey::parse(key.text()).value().text(), key.text());
  EXPECT_TRUE(open_note(note.bytes(), std::vector{key}));
  EXPECT_TRUE(open_checkpoint(note.bytes(), std::vector{key, reference_verifier()}));
  note.signatures.back().signature[7] ^= 1;  // the time is signed too
  EXPECT_EQ(open_note(note.bytes(), std::vector{key, reference_verifier()}).error().code, ErrorCode::unauthorized);
}

TEST(Note, AWitnessAloneDoesNotMakeACheckpoint) {
  const auto witness = reference_key("witness.example");
  auto note = Note::parse(reference()["note"].get<std::string>()).value();
  note.signatures = {witness.cosign(note.text, 1)};
  const VerifierKey key{"witness.example", KeyType::cosignature, witness.verifier().public_key};
  EXPECT_EQ(open_checkpoint(note.bytes(), std::vector{key}).error().code, ErrorCode::unauthorized);
}

TEST(Note, SignaturesOfUnknownKeysAreIgnored) {
  auto note = Note::parse(reference()["note"].get<std::string>()).value();
  for (unsigned i = 0; i < 16; ++i)
    note.signatures.insert(note.signatures.begin(), {"other.example", i, "not a signature at all"});
  EXPECT_EQ(open_note(note.bytes(), std::vector{reference_verifier()}).value().signatures.size(), 17U);
}

TEST(Note, ABadSignatureOfAKnownKeyRejectsTheNoteEvenBesideAGoodOne) {
  auto note = Note::parse(reference()["note"].get<std::string>()).value();
  auto bad = note.signatures.front();
  bad.signature[3] ^= 1;
  note.signatures.push_back(bad);
  EXPECT_EQ(open_note(note.bytes(), std::vector{reference_verifier()}).error().code, ErrorCode::unauthorized);
}

TEST(Note, WithoutAKnownKeyNothingIsTrusted) {
  const auto stranger = reference_key("other.example/log").verifier();
  EXPECT_EQ(open_note(reference()["note"].get<std::string>(), std::vector{stranger}).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(open_note(reference()["note"].get<std::string>(), {}).error().code, ErrorCode::unauthorized);
}

TEST(Note, NoByteOfASignedCheckpointCanChangeUnseen) {
  const std::string note = reference()["note"];
  const std::vector<VerifierKey> known{reference_verifier()};
  for (std::size_t i = 0; i < note.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = note;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      ASSERT_FALSE(open_checkpoint(changed, known)) << "byte " << i << " bit " << bit;
    }
    ASSERT_FALSE(open_checkpoint(note.substr(0, i), known)) << i;
  }
}

TEST(Note, RefusesWhatIsNoNote) {
  const std::string signature = Note::parse(reference()["note"].get<std::string>()).value().signatures.front().line();
  for (const std::string& wrong : std::vector<std::string>{
           "", "\n", "text\n", "text\n\n", "text\n" + signature, "text\n\n" + signature.substr(0, signature.size() - 1),
           "te\txt\n\n" + signature, "te\rxt\n\n" + signature, "\xFF\n\n" + signature, "text\n\n- name AAAAAAA=\n",
           "text\n\n\u2014 name AAAA\n", "text\n\n\u2014 na+me AAAAAAA=\n", "text\n\n\u2014  AAAAAAA=\n",
           "text\n\n\u2014 name AAAAAAB=\n", "text\n\n\u2014 name AAAAAAA\n"}) {
    EXPECT_FALSE(Note::parse(wrong)) << wrong;
  }
  EXPECT_TRUE(Note::parse("text\n\n\u2014 name AAAAAAA=\n"));
  EXPECT_EQ(Note::parse("a\n\nb\n\n" + signature).value().text, "a\n\nb\n") << "the last blank line ends the text";
}

TEST(Checkpoint, HasOneSpellingOnly) {
  const std::string root = base64(Digest{}.view());
  EXPECT_TRUE(Checkpoint::parse("fabu.example/log\n7\n" + root + "\n"));
  for (const std::string& wrong : std::vector<std::string>{
           "", "\n", "fabu.example/log\n7\n" + root, "fabu.example/log\n07\n" + root + "\n",
           "fabu.example/log\n-7\n" + root + "\n", "fabu.example/log\n7\n" + root + "\nextension\n", "\n7\n" + root + "\n",
           "fabu.example/log\n18446744073709551616\n" + root + "\n", "fabu.example/log\n7\nAAAA\n",
           "fabu.example/log\n7 \n" + root + "\n", "fabu.example/log\n\n" + root + "\n"}) {
    EXPECT_FALSE(Checkpoint::parse(wrong)) << wrong;
  }
}

TEST(VerifierKey, RefusesAWrongHashTypeOrName) {
  const std::string good = reference()["vkey"];
  EXPECT_TRUE(VerifierKey::parse(good));
  for (const std::string& wrong :
       std::vector<std::string>{"", "+", "a+b+c", good.substr(1), good + "=", "fabu.example/log+96b535fd+" + good.substr(26),
                                "fabu.example/log+96B535FC+" + good.substr(26)}) {
    EXPECT_FALSE(VerifierKey::parse(wrong)) << wrong;
  }
}

TEST(Base64, HasOneSpellingOfBytes) {
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                                                    {"f", "Zg=="},
                                                                                    {"fo", "Zm8="},
                                                                                    {"foo", "Zm9v"},
                                                                                    {"foob", "Zm9vYg=="},
                                                                                    {"fooba", "Zm9vYmE="},
                                                                                    {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  for (const char* wrong : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm-v", "====", "Z==="})
    EXPECT_FALSE(from_base64(wrong)) << wrong;
}

}  // namespace
}  // namespace fabu::audit
