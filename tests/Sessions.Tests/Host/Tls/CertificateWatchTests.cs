using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Sessions.Host.Tls;
using Sessions.Tests.Run;
using Sessions.Tests.Silo;

namespace Sessions.Tests.Host.Tls;

public sealed class CertificateWatchTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TestAuthority _ours;
    private readonly TestMeters _meters = new();
    private readonly RecentWarnings _warnings = new();
    private readonly LoggerFactory _loggers;
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TlsSettings _settings;

    public CertificateWatchTests()
    {
        _ours = new TestAuthority(_folder.Location, "ours");
        _loggers = new LoggerFactory([_warnings]);
        (string certificate, string key) = _ours.Sign("silo", TimeSpan.FromDays(20));
        _settings = new TlsSettings { Certificate = certificate, Key = key, Authority = _ours.File };
    }

    [Fact]
    public void A_certificate_that_ends_is_reported_in_time_once_and_again_when_it_has_ended()
    {
        using CertificateWatch watch = Watch();
        watch.Look();
        Assert.Null(watch.Trouble);

        _clock.Advance(TimeSpan.FromDays(7));
        watch.Look();
        watch.Look();
        Assert.Contains("certificate ends at", watch.Trouble, StringComparison.Ordinal);
        Assert.Single($"{_warnings}".Split('\n'), line => line.Contains("certificate ends at", StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromDays(14));
        watch.Look();
        Assert.Contains("certificate ended at", watch.Trouble, StringComparison.Ordinal);
        Assert.Contains("certificate ended at", $"{_warnings}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_certificate_ends_the_report()
    {
        using CertificateWatch watch = Watch();
        _clock.Advance(TimeSpan.FromDays(7));
        watch.Look();

        _ours.Sign("silo", TimeSpan.FromDays(29));
        watch.Look();

        Assert.Null(watch.Trouble);
    }

    [Fact]
    public void A_file_that_can_not_be_used_is_reported_once()
    {
        using CertificateWatch watch = Watch();
        File.WriteAllText(_settings.Certificate!, "half of a certi");

        watch.Look();
        watch.Look();

        Assert.Single($"{_warnings}".Split('\n'), line => line.Contains("can't be used", StringComparison.Ordinal));
    }

    /// <summary>The authority of the test ends after 30 days, before the certificate would.</summary>
    [Fact]
    public void An_authority_that_ends_is_reported_too()
    {
        _ours.Sign("silo", TimeSpan.FromDays(30));
        using CertificateWatch watch = Watch();

        _clock.Advance(TimeSpan.FromDays(17));

        Assert.NotNull(watch.Trouble);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _warnings.Dispose();
        _meters.Dispose();
        _ours.Dispose();
        _folder.Dispose();
    }

    private CertificateWatch Watch() =>
        new(new ClusterCertificates(_settings, _clock), _settings, _meters, _loggers.CreateLogger<CertificateWatch>());
}
