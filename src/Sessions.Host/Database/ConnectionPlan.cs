using Sessions.Columns;
using Sessions.Database;
using Sessions.Host.Configuration;
using Sessions.Silo.Journal;
using Sessions.Web.Analytics;
using Sessions.Web.Browsing;
using Sessions.Web.Exporting;
using Sessions.Web.UserSql;

namespace Sessions.Host.Database;

/// <summary>
/// The most connections to Postgres that a process opens. Each number follows from what the process may do at the same
/// time, so that readers can't take the connections that writers need.
/// </summary>
/// <param name="Main">The main pool.</param>
/// <param name="Questions">The pool for queries of users.</param>
/// <param name="Orleans">Orleans' own pool.</param>
/// <param name="Writers">The pool of the journal's writers.</param>
/// <param name="Sql">The connections for users' SQL, which are not pooled.</param>
internal sealed record ConnectionPlan(int Main, int Questions, int Orleans, int Writers, int Sql)
{
    // Checks of regular expressions and the list of live sessions take no turn. Each is short.
    private const int UncountedQuestions = 4;

    // The connections that are not pooled: a probe after an outage, and a step of the start.
    private const int Unpooled = 2;

    /// <summary>All connections of the process.</summary>
    public int Total => Main + Questions + Orleans + Writers + Sql + Unpooled;

    /// <summary>The sizes of the pools that the process registers.</summary>
    public PoolSizes Pools => new(Main, Math.Max(Questions, 1));

    /// <summary>The plan of the process with the columns: each open project reads in one transaction, and one more is written.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static ConnectionPlan OfColumns(IConfiguration configuration) =>
        new(Main: 4, configuration.Read<ColumnsOptions>(ColumnsOptions.Section).MaxOpen + 3, Orleans: 0, Writers: 0, Sql: 0);

    /// <summary>The plan of a process with one role or both.</summary>
    /// <exception cref="ConfigurationException">A setting is wrong.</exception>
    public static ConnectionPlan Of(IConfiguration configuration, bool hasSilo, bool hasGateway) => new(
        configuration.Read<PostgresClientSettings>(PostgresClientSettings.Section).Connections,
        hasGateway
            ? configuration.Read<QueryOptions>(QueryOptions.Section).AtOnce
                + configuration.Read<ExportOptions>(ExportOptions.Section).AtOnce
                + configuration.Read<ListOptions>(ListOptions.Section).AtOnce
                + UncountedQuestions
            : 0,
        configuration.Read<ClusterSettings>(ClusterSettings.Section).PostgresConnections,
        hasSilo ? configuration.Read<JournalOptions>(JournalOptions.Section).Connections : 0,
        hasGateway ? configuration.Read<SqlOptions>(SqlOptions.Section).AtOnce : 0);
}

/// <summary>What a server must have room for: all processes of a cluster together.</summary>
/// <param name="Program">The most connections of the program itself.</param>
/// <param name="Writers">Those of them that write the journal.</param>
internal sealed record ConnectionNeeds(int Program, int Writers)
{
    /// <summary>The connections for readers with psql and the like: those of five projects.</summary>
    public const int Readers = 50;

    /// <summary>Nothing in particular.</summary>
    public static ConnectionNeeds None { get; } = new(0, 0);

    /// <summary>What processes need together.</summary>
    public static ConnectionNeeds Of(IEnumerable<ConnectionPlan> processes)
    {
        ConnectionPlan[] all = [.. processes];
        return new ConnectionNeeds(all.Sum(one => one.Total), all.Sum(one => one.Writers));
    }

    /// <summary>
    /// Why a server is too small for the program; null when it is not.
    /// </summary>
    /// <param name="allowed">
    /// How many connections the program may open: <c>max_connections</c> without those that are reserved for superusers.
    /// </param>
    public string? Fault(int allowed) => Program <= allowed
        ? null
        : $"The processes may open {Program} connections to Postgres, and it allows them {allowed}. Under load, requests then get 503. "
            + $"Set max_connections to {Program + Readers} or more, or lower Postgres:Connections, Cluster:PostgresConnections "
            + "and AtOnce of Sessions:Query, Sessions:Export, Sessions:Lists and Sessions:Sql";
}
