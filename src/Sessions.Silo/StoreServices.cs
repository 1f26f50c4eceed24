using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sessions.Database;
using Sessions.Database.Connections;
using Sessions.Database.Readers;
using Sessions.Database.Server;
using Sessions.Silo.Checkpoints;
using Sessions.Silo.Damage;
using Sessions.Silo.Devices;
using Sessions.Silo.Erasure;
using Sessions.Silo.Journal;
using Sessions.Silo.Outbox;
using Sessions.Silo.PersonData;
using Sessions.Silo.ProjectDeletion;
using Sessions.Silo.Reminders;
using Sessions.Silo.Replay;
using Sessions.Silo.Replay.Clicks;
using Sessions.Silo.Retention;
using Sessions.Silo.Rows;
using Sessions.Silo.Sessions;

namespace Sessions.Silo;

/// <summary>Registers the services with which a silo reads and writes Postgres.</summary>
public static class StoreServices
{
    /// <summary>
    /// Registers a silo's journal, checkpoints and stores, which are the grains' ports. Needs
    /// <see cref="DatabaseServices.AddSessionsDatabase"/>.
    /// </summary>
    public static IServiceCollection AddSessionsJournal(
        this IServiceCollection services, IConfiguration configuration, string connectionString, string siloName)
    {
        services.AddOptions<JournalOptions>()
            .Bind(configuration.GetSection(JournalOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(provider => WriterDataSource.Create(
            connectionString,
            siloName,
            provider.GetRequiredService<IOptions<JournalOptions>>().Value,
            provider.GetRequiredService<HistoryWatch>()));
        services.TryAddSingleton<JournalMetrics>();
        services.AddOptions<OutboxOptions>()
            .Bind(configuration.GetSection(OutboxOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<WebhookedProjects>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookedProjects>());
        services.AddSingleton<WebhookOutbox>();
        services.AddSingleton<DamagedSessions>();
        services.AddSingleton(provider => new Concern(() => provider.GetRequiredService<DamagedSessions>().Trouble));
        services.AddSingleton<CheckpointWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<CheckpointWriter>());
        services.AddSingleton<CheckpointGaps>();
        services.AddSingleton<StuckWriters>();
        services.AddSingleton<ForgottenPersons>();
        services.AddSingleton<IForgottenPersons>(provider => provider.GetRequiredService<ForgottenPersons>());
        services.AddHostedService(provider => provider.GetRequiredService<ForgottenPersons>());
        services.AddSingleton<SessionErasure>();
        services.AddSingleton<PersonDeletions>();
        services.AddSingleton<ProjectDeletions>();
        services.AddSingleton<IJournal, JournalWriter>();
        services.AddSingleton<ISessionStore, SessionStore>();
        services.TryAddSingleton<ReminderRows>();
        services.AddSingleton<IDeviceStore, DeviceStore>();
        services.AddSingleton<JournalDays>();
        services.AddSingleton<ReplayStore>();
        services.AddSingleton<ClickSearchStore>();
        services.AddHostedService<PartitionKeeper>();
        services.AddHostedService<PlannerStatistics>();
        services.AddOptions<ReaderOptions>()
            .Bind(configuration.GetSection(ReaderOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton<ReaderGuard>();
        services.AddHostedService(provider => provider.GetRequiredService<ReaderGuard>());
        services.AddHostedService<ServerGauges>();
        return services;
    }

    /// <summary>Registers a silo's reminder table. Needs <see cref="DatabaseServices.AddSessionsDatabase"/>.</summary>
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
}
