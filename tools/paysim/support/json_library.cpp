// Boost.JSON's own code, in this one file: Debian's compiled library would be one package more.
#include <boost/json/src.hpp>
