using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Capture;
using Sessions.Capture.Cookieless;
using Sessions.Capture.Disk;
using Sessions.Capture.Filtering;
using Sessions.Capture.Quotas;
using Sessions.Capture.Replay;
using Sessions.Capture.Tracking;
using Sessions.Client.Projects;
using Sessions.Domain.Channels;
using Sessions.Domain.Quotas;
using Sessions.Tests.Capture.Disk;
using Sessions.Tests.Silo;

namespace Sessions.Tests.Capture;

/// <summary>A gateway's capture on a real Kestrel, with user-devices that a test answers for.</summary>
internal sealed class CaptureServer : IAsyncDisposable
{
    /// <summary>A Postgres that is away.</summary>
    public static readonly NpgsqlDataSource Nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=9;Timeout=1");

    private static readonly ReplaySettings Recorded = new()
    {
        Enabled = true,
        SampleRate = 1,
        MinimumDuration = TimeSpan.Zero,
        Console = false,
        RetentionDays = 30,
    };

    private readonly WebApplication _app;

    private CaptureServer(WebApplication app, FakeDevices devices, FakeDisk disk)
    {
        _app = app;
        Disk = disk;
        Devices = devices;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None })
        {
            BaseAddress = new Uri(address),
        };
    }

    public FakeDevices Devices { get; }

    public FakeDisk Disk { get; }

    public HttpClient Client { get; }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <param name="settings">Settings of <c>Sessions:Capture</c>, or of another section, as <c>name=value</c>.</param>
    public static Task<CaptureServer> Start(params string[] settings) => Start(Nowhere, settings);

    /// <param name="database">Where the salts of cookieless visitors are.</param>
    /// <param name="settings">Settings of <c>Sessions:Capture</c>, as <c>name=value</c>.</param>
    public static Task<CaptureServer> Start(NpgsqlDataSource database, params string[] settings) =>
        Start(database, new EventFilter(dropsBots: true, HostList.None), settings);

    /// <param name="filter">The project's filter; null when nobody can tell it.</param>
    public static Task<CaptureServer> Start(EventFilter? filter) => Start(Nowhere, filter, []);

    private static async Task<CaptureServer> Start(NpgsqlDataSource database, EventFilter? filter, string[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddAuthorization();
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => setting.Split('=')).Select(pair => KeyValuePair.Create(
                pair[0].Contains(':', StringComparison.Ordinal) ? pair[0] : $"{CaptureOptions.Section}:{pair[0]}", (string?)pair[1])));

        var devices = new FakeDevices();
        var disk = new FakeDisk();
        builder.Services.AddSingleton(provider => new DeviceTracker(
            devices.Find,
            provider.GetRequiredService<CaptureOptions>(),
            TimeProvider.System,
            provider.GetRequiredService<ILogger<DeviceTracker>>()));
        builder.Services.AddSingleton(Bodies.Tokens);
        builder.Services.AddSingleton(Settings(filter));
        builder.Services.AddSingleton(Settings(filter is null ? null : Recorded));
        builder.Services.AddSingleton(provider => new ReplayBlockWriter(
            database, Options.Create(new ReplayOptions()), provider.GetRequiredService<ILogger<ReplayBlockWriter>>()));
        builder.Services.AddSingleton(new CookielessSaltQueries(database));
        builder.Services.AddSingleton(Settings(QuotaLimits.None));
        builder.Services.AddSingleton(new QuotaQueries(database));
        builder.Services.AddSingleton<IDiskMeter>(disk);
        builder.Services.AddCapture(builder.Configuration);

        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapCapture();
        await app.StartAsync();
        return new CaptureServer(app, devices, disk);
    }

    /// <summary>What every project has set; null while nobody can tell.</summary>
    private static ProjectCache<T> Settings<T>(T? set)
        where T : class => new(
            _ => set is null ? throw new SessionsUnavailableException("The settings are away.") : Task.FromResult(ProjectCacheTests.Settings(1, "shop")),
            _ => set!,
            Options.Create(new ProjectOptions()),
            TimeProvider.System,
            NullLogger<ProjectCache<T>>.Instance);

    public Task<HttpResponseMessage> Post(string path, string body) => Post(path, Bodies.Utf8(body));

    public Task<HttpResponseMessage> Post(string path, byte[] body, string contentType = "application/json", string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return Client.PostAsync(path, content);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
