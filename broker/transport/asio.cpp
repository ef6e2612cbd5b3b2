// The one translation unit that holds Asio and Beast; everything else includes declarations only.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
