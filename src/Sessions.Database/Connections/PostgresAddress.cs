using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Sessions.Database.Connections;

/// <summary>
/// Connection strings with several hosts: a primary and its standbys. Npgsql asks each host whether it is the primary,
/// and connects to that one only.
/// </summary>
public static class PostgresAddress
{
    private const string RecheckKey = "Host Recheck Seconds";

    // Npgsql remembers for this long that a host is away or a standby. Its default of 10 seconds delays a failover. This one
    // is for Orleans' connections, and for those of a single statement.
    private const int RecheckSeconds = 2;

    // Asking an absent host costs its timeout. PrimaryWatch makes these pools ask when there is a reason.
    private const int RecheckSecondsOfPools = 86_400;

    /// <summary>What is wrong with the hosts of a connection string; null when nothing is.</summary>
    public static string? Fault(NpgsqlConnectionStringBuilder settings) =>
        settings.TargetSessionAttributes is null or "primary" or "read-write"
            ? null
            : $"Target Session Attributes={settings.TargetSessionAttributes} can't be used: the program writes, so it needs primary";

    /// <summary>Adds what several hosts need: only the primary takes connections, and a new primary is found soon.</summary>
    public static string Complete(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString);
        if (!HasSeveralHosts(settings))
        {
            return connectionString;
        }

        settings.TargetSessionAttributes = "primary";
        if (!new DbConnectionStringBuilder { ConnectionString = connectionString }.ContainsKey(RecheckKey))
        {
            settings.HostRecheckSeconds = RecheckSeconds;
        }

        return settings.ConnectionString;
    }

    /// <summary>The hosts and ports, for messages and for psql.</summary>
    public static string HostsOf(NpgsqlConnectionStringBuilder settings) => string.Join(
        ',', (settings.Host ?? "").Split(',', StringSplitOptions.TrimEntries).Select(host => HasPort(host) ? host : $"{host}:{settings.Port}"));

    /// <summary>Whether the connection string names several hosts.</summary>
    public static bool HasSeveralHosts(NpgsqlConnectionStringBuilder settings) => settings.Host?.Contains(',', StringComparison.Ordinal) ?? false;

    /// <summary>Opens a pool, of connections to the primary if there are several hosts.</summary>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="history">Looks at each new connection; null when nothing is kept in memory.</param>
    public static NpgsqlDataSource CreateSource(NpgsqlConnectionStringBuilder settings, HistoryWatch? history = null)
    {
        NpgsqlDataSourceBuilder builder = new(settings.ConnectionString);
        if (history is not null)
        {
            builder.UsePhysicalConnectionInitializer(history.Look, history.LookAsync);
        }

        // Npgsql refuses a pool over several hosts with a target: each user of the pool names it.
        builder.ConnectionStringBuilder.TargetSessionAttributes = null;
        if (!HasSeveralHosts(settings))
        {
            NpgsqlDataSource source = builder.Build();
            history?.Follow(source.Clear);
            return source;
        }

        if (history is not null)
        {
            builder.ConnectionStringBuilder.HostRecheckSeconds = RecheckSecondsOfPools;
        }

        NpgsqlMultiHostDataSource hosts = builder.BuildMultiHost();
        NpgsqlDataSource primary = hosts.WithTargetSession(TargetSessionAttributes.Primary);
        history?.Follow(new PoolOverHosts(primary, hosts.Clear, hosts.ClearDatabaseStates));
        return primary;
    }

    /// <summary>A connection string for each host.</summary>
    public static IEnumerable<string> EachHost(NpgsqlConnectionStringBuilder settings) =>
        HostsOf(settings).Split(',').Select(host =>
        {
            int colon = host.LastIndexOf(':');
            return new NpgsqlConnectionStringBuilder(settings.ConnectionString)
            {
                Host = host[..colon].Trim('[', ']'),
                Port = int.Parse(host[(colon + 1)..], CultureInfo.InvariantCulture),
                TargetSessionAttributes = null,
            }.ConnectionString;
        });

    /// <summary>Opens connections without a pool, for a few statements.</summary>
    public static NpgsqlDataSource CreateUnpooled(string connectionString) =>
        CreateSource(new NpgsqlConnectionStringBuilder(Complete(connectionString)) { Pooling = false });

    // As Npgsql has it: an IPv6 address with a port is in brackets.
    private static bool HasPort(string host)
    {
        int colon = host.LastIndexOf(':');
        return colon > 0 && (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']');
    }
}
