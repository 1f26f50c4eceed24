select '' ~ $1
