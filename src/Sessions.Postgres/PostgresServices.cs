using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Grains;
using Sessions.Postgres.Hours;
using Sessions.Postgres.Queries.Aggregates;
using Sessions.Postgres.Time;

namespace Sessions.Postgres;

/// <summary>What reads and writes Postgres, for the roles that do.</summary>
public static class PostgresServices
{
    /// <summary>Every role's connections.</summary>
    /// <param name="services">The process' services.</param>
    /// <param name="connectionString">The way to Postgres.</param>
    /// <param name="siloName">
    /// The silo's name; null in a process without a silo. By it connections are found that a frozen silo holds locks with.
    /// </param>
    public static IServiceCollection AddSessionsDatabase(
        this IServiceCollection services, string connectionString, string? siloName = null)
    {
        InfinityIsNoTime();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 50,
            AutoPrepareMinUsages = 2,
            Timeout = 5,
            ApplicationName = siloName is null ? "sessions-gateway" : $"sessions-silo:{siloName}",
        }));
        services.AddSingleton(_ => QuestionDataSource.Create(connectionString));
        services.AddMetrics();
        services.AddOptions<ClockOptions>().BindConfiguration(ClockOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ClockWatch>();
        services.AddSingleton<IStoreClock>(provider => provider.GetRequiredService<ClockWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<ClockWatch>());
        return services;
    }

    /// <summary>A silo's journal, checkpoints and stores: the ports of the grains. Needs <see cref="AddSessionsDatabase"/>.</summary>
    public static IServiceCollection AddSessionsJournal(
        this IServiceCollection services, IConfiguration configuration, string connectionString, string siloName)
    {
        services.AddOptions<JournalOptions>()
            .Bind(configuration.GetSection(JournalOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => WriterDataSource.Create(
            connectionString, siloName, provider.GetRequiredService<IOptions<JournalOptions>>().Value));
        services.TryAddSingleton<JournalMetrics>();
        services.AddOptions<OutboxOptions>()
            .Bind(configuration.GetSection(OutboxOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<WebhookedProjects>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookedProjects>());
        services.AddSingleton<WebhookOutbox>();
        services.AddSingleton<CheckpointWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<CheckpointWriter>());
        services.AddSingleton<ICheckpointGaps, CheckpointGaps>();
        services.AddSingleton<StuckWriters>();
        services.AddSingleton<IStuckWriters>(provider => provider.GetRequiredService<StuckWriters>());
        services.AddSingleton<ForgottenPersons>();
        services.AddSingleton<IForgottenPersons>(provider => provider.GetRequiredService<ForgottenPersons>());
        services.AddHostedService(provider => provider.GetRequiredService<ForgottenPersons>());
        services.AddSingleton<IPersonDeletions, PersonDeletions>();
        services.AddSingleton<IJournal, JournalWriter>();
        services.AddSingleton<ISessionStore, SessionStore>();
        services.TryAddSingleton<ReminderRows>();
        services.AddSingleton<IDeviceStore, DeviceStore>();
        services.AddSingleton<IJournalDays, JournalDays>();
        services.AddSingleton<IReplayStore, ReplayStore>();
        services.AddHostedService<PartitionKeeper>();
        services.AddHostedService<PlannerStatistics>();
        services.AddOptions<ReaderOptions>()
            .Bind(configuration.GetSection(ReaderOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReaderGuard>();
        services.AddHostedService(provider => provider.GetRequiredService<ReaderGuard>());
        services.AddHourOptions(configuration);
        services.AddSingleton<HourKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<HourKeeper>());
        return services;
    }

    /// <summary>What answers questions over many sessions. Needs <see cref="AddSessionsDatabase"/>.</summary>
    public static IServiceCollection AddSessionsQueries(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHourOptions(configuration);
        services.AddSingleton<SessionHours>();
        services.AddSingleton<AggregateQueries>();
        services.AddSingleton<WebAnalytics>();
        return services;
    }

    /// <summary>A silo's reminders. Needs <see cref="AddSessionsDatabase"/>.</summary>
    public static ISiloBuilder AddSessionsReminders(this ISiloBuilder silo)
    {
        silo.AddReminders();
        silo.Configure<ReminderOptions>(options =>
        {
            options.RefreshReminderListPeriod = ReminderTable.Pace;
            options.ReminderLoadingWindow = DeviceReminder.Period;
        });
        silo.Services.TryAddSingleton<ReminderRows>();
        silo.Services.AddSingleton<IReminderTable, ReminderTable>();
        return silo;
    }

    private static void AddHourOptions(this IServiceCollection services, IConfiguration configuration) =>
        services.AddOptions<HourOptions>()
            .Bind(configuration.GetSection(HourOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();

    /// <summary>
    /// 0001-01-01 is a time like any other here; Npgsql would make minus infinity of it. The switch must be set
    /// before Npgsql is used at all.
    /// </summary>
    private static void InfinityIsNoTime() => AppContext.SetSwitch("Npgsql.DisableDateTimeInfinityConversions", true);
}
