using Npgsql;

namespace Sessions.Database.Connections;

/// <summary>A pool of connections to the primary among several hosts. It remembers for long which hosts are away or standbys.</summary>
/// <param name="Source">The pool.</param>
/// <param name="Clear">Closes its connections. A connection that is in use is closed when it is returned.</param>
/// <param name="ForgetHosts">Makes the pool ask each host again what it is.</param>
internal sealed record PoolOverHosts(NpgsqlDataSource Source, Action Clear, Action ForgetHosts);
