using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Sessions.Columns;
using Sessions.Database;
using Sessions.Database.Time;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Telemetry;
using Sessions.Web;

namespace Sessions.Host.Roles;

/// <summary>Builds the host of one process.</summary>
internal static class RoleHost
{
    /// <summary>Builds silo and gateway in one process.</summary>
    /// <param name="decided">Settings that override those of the files and the environment.</param>
    /// <param name="lines">Decides which log lines the console gets, and how.</param>
    public static WebApplication All(IReadOnlyDictionary<string, string?> decided, Action<LogLines.Format> lines)
    {
        WebApplicationBuilder builder = Web(RoleConfiguration.All, decided);
        builder.Services.Configure(lines);
        // ./run prints the version itself, and nothing else before it.
        builder.Logging.AddFilter<ConsoleLoggerProvider>(typeof(BuildInfo).FullName, LogLevel.Warning);
        builder.AddSilo();
        builder.AddDatabase(ConnectionPlan.Of(builder.Configuration, hasSilo: true, hasGateway: true), SiloRole.NameOf(builder.Configuration));
        builder.AddGateway();
        builder.AddTelemetry(RoleConfiguration.All);
        return Mapped(builder);
    }

    public static IHost Silo() => Checked(SiloBuilder().Build());

    public static WebApplication Gateway() => Mapped(GatewayBuilder());

    /// <summary>Builds the process that holds the columns.</summary>
    public static WebApplication Columns()
    {
        WebApplication app = Checked(ColumnsBuilder().Build());
        app.MapSessionsColumns();
        return app;
    }

    /// <summary>What the host of the process with the columns is built from.</summary>
    /// <param name="decided">Settings that override those of the files and the environment.</param>
    internal static WebApplicationBuilder ColumnsBuilder(IReadOnlyDictionary<string, string?>? decided = null)
    {
        WebApplicationBuilder builder = Web(CommandLine.Columns, decided);
        builder.AddColumns();
        builder.AddDatabase(ConnectionPlan.OfColumns(builder.Configuration));
        builder.AddTelemetry(CommandLine.Columns);
        return builder;
    }

    /// <summary>What a silo's host is built from.</summary>
    /// <param name="decided">Settings that override those of the files and the environment.</param>
    internal static HostApplicationBuilder SiloBuilder(IReadOnlyDictionary<string, string?>? decided = null)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory, DisableDefaults = true });
        builder.Configuration.AddRole(CommandLine.Silo, decided);
        MemoryLimit.Apply(builder.Configuration);
        AddLogging(builder);
        builder.AddSilo();
        builder.AddDatabase(ConnectionPlan.Of(builder.Configuration, hasSilo: true, hasGateway: false), SiloRole.NameOf(builder.Configuration));
        builder.AddTelemetry(CommandLine.Silo);
        return builder;
    }

    /// <summary>What a gateway's host is built from.</summary>
    /// <param name="decided">Settings that override those of the files and the environment.</param>
    internal static WebApplicationBuilder GatewayBuilder(IReadOnlyDictionary<string, string?>? decided = null)
    {
        WebApplicationBuilder builder = Web(CommandLine.Gateway, decided);
        builder.AddClusterClient();
        builder.AddDatabase(ConnectionPlan.Of(builder.Configuration, hasSilo: false, hasGateway: true));
        builder.AddGateway();
        builder.AddTelemetry(CommandLine.Gateway);
        return builder;
    }

    /// <summary>Maps the gateway's endpoints, and the metrics if only this machine can reach them.</summary>
    private static WebApplication Mapped(WebApplicationBuilder builder)
    {
        WebApplication app = Checked(builder.Build()).MapSessionsGateway();
        if (OnlyThisMachine.Reaches(app.Configuration))
        {
            // If others can reach the gateway, Telemetry:Port serves the metrics instead: they show a site's traffic,
            // which is private. A proxy that no setting tells of is recognized by what it forwards.
            app.MapPrometheusScrapingEndpoint(TelemetrySetup.MetricsPath).ExcludeFromDescription().RefuseOthers();
        }

        return app;
    }

    /// <summary>Adds the connection pools of the process, for everything except Orleans' own tables.</summary>
    private static void AddDatabase(this IHostApplicationBuilder builder, ConnectionPlan plan, string? silo = null)
    {
        builder.Services.AddSessionsDatabase(builder.Configuration.RequirePostgres(), silo, plan.Pools);
    }

    private static WebApplicationBuilder Web(string role, IReadOnlyDictionary<string, string?>? decided)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = [],
            ApplicationName = typeof(RoleHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Configuration.AddRole(role, decided);
        MemoryLimit.Apply(builder.Configuration);
        AddLogging(builder);
        return builder;
    }

    private static void AddLogging(IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        LogFormat format = TelemetrySettings.Read(builder.Configuration).LogFormat;
        // Must come before the services that would add the machine's clock.
        builder.Services.TryAddSingleton<TimeProvider>(new ServerClock(TimeProvider.System));
        builder.Services.AddSingleton<PostgresOutage>();
        string postgres = builder.Configuration.RequirePostgres();
        builder.Services.AddHostedService(provider => new OutageWatch(
            provider.GetRequiredService<PostgresOutage>(),
            new PostgresProbe(postgres, provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PostgresOutage>>()));
        builder.Logging.AddConsole(console => console.FormatterName = LogLines.FormatterName)
            .AddConsoleFormatter<LogLines, LogLines.Format>(options => options.As = format);
        // The program that reads our output may be slow or stopped. Then log lines are lost, but the process does not
        // block.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
    }

    /// <summary>Checks all options now: a wrong one must stop the process before it starts to work.</summary>
    private static T Checked<T>(T host)
        where T : IHost
    {
        try
        {
            host.Services.GetService<IStartupValidator>()?.Validate();
            return host;
        }
        catch (Exception wrong) when (wrong is OptionsValidationException or InvalidOperationException or AggregateException)
        {
            throw new ConfigurationException(RoleConfiguration.FirstLine(wrong is AggregateException many ? many.InnerExceptions[0] : wrong), wrong);
        }
    }
}
