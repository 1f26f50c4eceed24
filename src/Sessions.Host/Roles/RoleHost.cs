using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Sessions.Gateway;
using Sessions.Host.Configuration;
using Sessions.Host.Database;
using Sessions.Host.Telemetry;
using Sessions.Postgres;
using Sessions.Postgres.Time;

namespace Sessions.Host.Roles;

/// <summary>Builds the host of one process.</summary>
internal static class RoleHost
{
    /// <summary>Silo and gateway in one.</summary>
    public static WebApplication All(IReadOnlyDictionary<string, string?> decided)
    {
        WebApplicationBuilder builder = Web(RoleConfiguration.All, decided);
        builder.AddSilo();
        builder.AddDatabase(SiloRole.NameOf(builder.Configuration));
        builder.AddGateway();
        builder.AddTelemetry(RoleConfiguration.All);
        return Mapped(builder);
    }

    public static IHost Silo()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory, DisableDefaults = true });
        builder.Configuration.AddRole(CommandLine.Silo);
        MemoryLimit.Apply(builder.Configuration);
        AddLogging(builder);
        builder.AddSilo();
        builder.AddDatabase(SiloRole.NameOf(builder.Configuration));
        builder.AddTelemetry(CommandLine.Silo);
        return Checked(builder.Build());
    }

    public static WebApplication Gateway()
    {
        WebApplicationBuilder builder = Web(CommandLine.Gateway, decided: null);
        builder.AddClusterClient();
        builder.AddDatabase();
        builder.AddGateway();
        builder.AddTelemetry(CommandLine.Gateway);
        return Mapped(builder);
    }

    /// <summary>What the gateway answers, and metrics where only this machine can ask.</summary>
    private static WebApplication Mapped(WebApplicationBuilder builder)
    {
        WebApplication app = Checked(builder.Build()).MapSessionsGateway();
        HttpSettings http = app.Configuration.Read<HttpSettings>(HttpSettings.Section);
        if (IPAddress.IsLoopback(IPAddress.Parse(http.Address)))
        {
            // Where the world can ask, Telemetry:Port is the place: what a site takes in is nobody else's business.
            app.MapPrometheusScrapingEndpoint(TelemetrySetup.MetricsPath).ExcludeFromDescription();
        }

        return app;
    }

    /// <summary>One pool of connections a process, for all but Orleans' own tables.</summary>
    private static void AddDatabase(this IHostApplicationBuilder builder, string? silo = null)
    {
        builder.Services.AddSessionsDatabase(builder.Configuration.RequirePostgres(), silo);
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
        // Before all that would take the machine's.
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
        // Whoever reads our output may be slow or stopped; that must cost lines, not the work of this process.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
    }

    /// <summary>Checks all options now: a wrong one is to stop the process before it has done anything.</summary>
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
