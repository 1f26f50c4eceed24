using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Orleans.Configuration;
using Sessions.Host.Configuration;
using Sessions.Host.Supervision;
using Sessions.Host.Tls;
using Sessions.Postgres.Queries;

namespace Sessions.Host.Import;

/// <summary><c>./run import FILE</c>: finds what runs on the data directory and brings a file's events into it.</summary>
internal static class ImportCommand
{
    private const int BarWidth = 30;

    /// <exception cref="ConfigurationException">The file, the project or the site is not there.</exception>
    /// <exception cref="InvalidOperationException">Nothing runs on the data directory, or it does not take the events.</exception>
    public static async Task<int> Run(Invocation.Import asked, TimeProvider time)
    {
        // Without it a compressed file that was cut off would look as if it ended there. This process does nothing else.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        if (!File.Exists(asked.File))
        {
            throw new ConfigurationException($"import: there is no file {asked.File}");
        }

        string data = Path.GetFullPath(asked.Data);
        ReadyFile running = ReadyFile.TryRead(ReadyFile.In(data))
            ?? throw new InvalidOperationException($"nothing runs on {data}; start ./run first, with the same --data");
        string token = await TokenOf(asked.Project, running.Postgres);
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
        ImportState state = ImportState.Load(data, asked.File, asked.Project, site?.Authority);
        if (state.Offset > 0)
        {
            Console.WriteLine("going on where an earlier import of this file stopped");
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
                    Console.WriteLine($"the file reaches back further than the {retentionDays} days that project {asked.Project} keeps; what is older is left out");
                }
            }).Run(file, state, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine();
            throw new InvalidOperationException("stopped; the same command goes on from here");
        }

        Console.Error.WriteLine();
        foreach (string line in ImportSummary.Of(state, retentionDays))
        {
            Console.WriteLine(line);
        }

        return state.Damage is null
            ? ExitCodes.Stopped
            : throw new InvalidOperationException($"{asked.File} is damaged or was cut off, and can't be read further: {state.Damage}");
    }

    private static Uri SiteOf(Invocation.Import asked) => asked.Site is null
        ? throw new ConfigurationException($"import: {asked.File} looks like an access log, which does not name its site; add --site https://example.org")
        : Uri.TryCreate(asked.Site, UriKind.Absolute, out Uri? given) && given.Scheme is "http" or "https"
            ? given
            : throw new ConfigurationException($"import: --site takes an address such as https://example.org, not '{asked.Site}'");

    private static byte[] KeyOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes($"visitors of access logs {secret}"));

    private static async Task<string> TokenOf(string project, string postgres)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false });
        try
        {
            return await new ProjectQueries(database).GetToken(project, CancellationToken.None)
                ?? throw new ConfigurationException($"import: there is no project '{project}'");
        }
        catch (NpgsqlException away)
        {
            throw new InvalidOperationException($"Postgres does not answer, so nothing runs there any more: {RoleConfiguration.FirstLine(away)}", away);
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
        // A bar moves on a terminal; a log gets a line each time.
        Console.Error.Write(Console.IsErrorRedirected ? $"{bar}{Environment.NewLine}" : $"\r{bar}");
    }
}
