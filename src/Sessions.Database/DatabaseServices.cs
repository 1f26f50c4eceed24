using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Database.Connections;
using Sessions.Database.Migrations;
using Sessions.Database.Time;

namespace Sessions.Database;

/// <summary>Registers the connections to Postgres that every role needs.</summary>
public static class DatabaseServices
{
    /// <summary>Registers the connections that every role needs.</summary>
    /// <param name="services">The process' services.</param>
    /// <param name="connectionString">The connection string of the database.</param>
    /// <param name="siloName">
    /// The silo's name; null in a process without a silo. It becomes part of the application name, by which connections
    /// are found with which a frozen silo holds locks.
    /// </param>
    /// <param name="pools">The sizes of the pools. Default: Npgsql's own.</param>
    public static IServiceCollection AddSessionsDatabase(
        this IServiceCollection services, string connectionString, string? siloName = null, PoolSizes? pools = null)
    {
        pools ??= PoolSizes.Default;
        InfinityIsNoTime();
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddSingleton<HistoryWatch>();
        services.AddSingleton<IStoreHistory>(provider => provider.GetRequiredService<HistoryWatch>());
        services.AddSingleton(provider => PostgresAddress.CreateSource(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                MaxPoolSize = pools.Main,
                MaxAutoPrepare = 50,
                AutoPrepareMinUsages = 2,
                Timeout = 5,
                // No statement leaves state in the session. And while the answer to a reset is due, Npgsql can't cancel a statement.
                NoResetOnClose = true,
                // Says which schema the process knows: older_members.sql.
                ApplicationName = siloName is null ? $"sessions-gateway:{Migrator.Newest}" : $"sessions-silo:{Migrator.Newest}/{siloName}",
            },
            provider.GetRequiredService<HistoryWatch>()));
        services.AddSingleton(provider => QueryDataSource.Create(connectionString, pools.Questions, provider.GetRequiredService<HistoryWatch>()));
        NpgsqlConnectionStringBuilder settings = new(connectionString);
        if (PostgresAddress.HasSeveralHosts(settings))
        {
            services.AddHostedService(provider => new PrimaryWatch(
                provider.GetRequiredService<NpgsqlDataSource>(),
                settings,
                provider.GetRequiredService<HistoryWatch>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<PrimaryWatch>>()));
        }

        services.AddMetrics();
        services.AddOptions<ClockOptions>().BindConfiguration(ClockOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ClockWatch>();
        services.AddSingleton<IStoreClock>(provider => provider.GetRequiredService<ClockWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<ClockWatch>());
        return services;
    }

    /// <summary>
    /// Makes Npgsql treat 0001-01-01 as an ordinary time and not as minus infinity. The switch must be set before the
    /// first use of Npgsql.
    /// </summary>
    private static void InfinityIsNoTime() => AppContext.SetSwitch("Npgsql.DisableDateTimeInfinityConversions", true);
}
