// Who owns open deliveries: sessions. A session is a number that no other broker ever had, held by an advisory lock for as long
// as a connection of its broker lives; one whose lock is free is over for good.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/store/postgresql/connection.h"

namespace fabu::store::pg {

// Takes a new session, for the life of the connection.
std::uint64_t take_session(Connection&);

// Owners of open deliveries; those among them whose sessions are over. An index lookup for each owner there is.
std::vector<std::uint64_t> owners_of_open(Connection&);
std::vector<std::uint64_t> dead_owners(Connection&);
// The same as one statement of a pipeline, whose answer owners_in() reads.
void ask_dead_owners(Connection&);
std::vector<std::uint64_t> owners_in(const Answer&);

// Gives open deliveries of these owners to `heir`, at most `bound` of them. Within the writer's transaction. Gives their
// channels, one for each delivery.
std::vector<std::string> give(Connection&, const std::vector<std::uint64_t>& owners, std::uint64_t heir, std::size_t bound);

}  // namespace fabu::store::pg
