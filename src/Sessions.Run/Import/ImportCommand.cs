using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Sessions.Database.Connections;
using Orleans.Configuration;
using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Tls;
using Sessions.Queries;
using Sessions.Run.Supervision;

namespace Sessions.Run.Import;

/// <summary>
/// <c>./run import FILE</c>: finds the running cluster of the data directory and imports a file's events into it.
/// </summary>
internal static class ImportCommand
{
    private const int BarWidth = 30;

    /// <exception cref="ConfigurationException">The file, the project or the site is missing.</exception>
    /// <exception cref="InvalidOperationException">
    /// No cluster runs on the data directory, or it does not accept the events.
    /// </exception>
    public static async Task<int> Run(ImportInvocation asked, TimeProvider time)
    {
        // Otherwise a truncated gzip file would look complete. The switch is global, but this process does nothing
        // else.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        if (!File.Exists(asked.File))
        {
            throw new ConfigurationException($"import: there is no file {asked.File}");
        }

        string data = Path.GetFullPath(asked.Data);
        ReadyFile running = ReadyFile.OfRunning(data);
        (string token, DateTimeOffset madeAt) = await Find(asked.Project, running.Postgres);
        ProjectSettings settings = await SettingsOf(asked.Project, running.Cluster);
        int retentionDays = settings.RetentionDays;
        DateTimeOffset? oldest = retentionDays == 0 ? null : time.GetUtcNow().AddDays(-retentionDays);
        ImportFile file = ImportFile.LookAt(asked.File);
        var seen = new Occurrences();
        Uri? site = file.Kind == FileKind.AccessLog ? SiteOf(asked) : null;
        ReadEntry read = site is null
            ? new ExportedEvent(seen).Read
            : new AccessLogLine(site, KeyOf(running.ApiKey), seen, settings.BotFilter).Read;

        using HttpClient http = new() { BaseAddress = new Uri(running.Gateways[0]) };
        using CancellationTokenSource stop = new();
        Console.CancelKeyPress += (_, signal) =>
        {
            signal.Cancel = true;
            stop.Cancel();
        };
        ImportState state = ImportState.Load(data, asked.File, asked.Project, site?.Authority, madeAt);
        if (state.Offset > 0)
        {
            Console.WriteLine("continuing where an earlier import of this file stopped");
        }

        try
        {
            bool isOld = state.TooOld > 0;
            state = await new Importer(read, seen, new ImportPost(http, token, time), oldest, data, time, (done, now) =>
            {
                Show(done, now);
                if (!isOld && now.TooOld > 0)
                {
                    isOld = true;
                    Console.Error.WriteLine();
                    Console.WriteLine($"the file begins before the {retentionDays} days that project {asked.Project} keeps; older events are left out");
                }
            }).Run(file, state, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine();
            throw new InvalidOperationException("stopped; run the same command again to continue from here");
        }

        Console.Error.WriteLine();
        foreach (string line in ImportSummary.Of(state, retentionDays))
        {
            Console.WriteLine(line);
        }

        return state.Damage is null
            ? ExitCodes.Stopped
            : throw new InvalidOperationException($"{asked.File} is damaged or incomplete, and the rest can't be read: {state.Damage}");
    }

    private static Uri SiteOf(ImportInvocation asked) => asked.Site is null
        ? throw new ConfigurationException($"import: {asked.File} looks like an access log, which does not name its site; add --site https://example.org")
        : Uri.TryCreate(asked.Site, UriKind.Absolute, out Uri? given) && given.Scheme is "http" or "https"
            ? given
            : throw new ConfigurationException($"import: --site needs an address like https://example.org, not '{asked.Site}'");

    private static byte[] KeyOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes($"visitors of access logs {secret}"));

    private static async Task<(string Token, DateTimeOffset MadeAt)> Find(string project, string postgres)
    {
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(postgres);
        try
        {
            ProjectQueries projects = new(database);
            ListedProject? listed = (await projects.GetPage("", project, limit: 1, CancellationToken.None)).SingleOrDefault();
            return listed is not null && await projects.GetToken(project, CancellationToken.None) is { } token
                ? (token, listed.CreatedAt)
                : throw new ConfigurationException($"import: there is no project '{project}'");
        }
        catch (NpgsqlException away)
        {
            throw new InvalidOperationException($"Postgres does not answer, so ./run is not active there any more: {RoleConfiguration.FirstLine(away)}", away);
        }
    }

    private static async Task<ProjectSettings> SettingsOf(string project, ClusterEntry cluster)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true });
        TlsSettings? tls = cluster.Tls is { } files
            ? new TlsSettings { Certificate = files.Certificate, Key = files.Key, Authority = files.Authority }
            : null;
        builder.UseOrleansClient(client => client
            .UseClusterTls(tls)
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId))
            .UseAdoNetClustering((AdoNetClusteringClientOptions options) =>
                (options.Invariant, options.ConnectionString) = (cluster.Invariant, cluster.ConnectionString)));
        using IHost host = builder.Build();
        await host.StartAsync();
        ProjectSettings settings = await host.Services.GetRequiredService<IGrainFactory>()
            .GetGrain<IProjectGrain>(ProjectKey.Create(project)).Get();
        await host.StopAsync();
        return settings;
    }

    private static void Show(double done, ImportState state)
    {
        int full = (int)(done * BarWidth);
        string bar = string.Create(
            CultureInfo.InvariantCulture,
            $"[{new string('#', full)}{new string('.', BarWidth - full)}] {done * 100,3:0} %  {state.Taken:N0} events");
        // On a terminal the bar moves; in a log each step is a line.
        Console.Error.Write(Console.IsErrorRedirected ? $"{bar}{Environment.NewLine}" : $"\r{bar}");
    }
}
