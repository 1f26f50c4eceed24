using Microsoft.Extensions.Configuration;
using Sessions.Host.Configuration;
using Sessions.Host.Tls;
using Sessions.Tests.Run;

namespace Sessions.Tests.Host.Tls;

public sealed class ClusterCertificatesTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TestAuthority _ours;
    private readonly TestAuthority _others;

    public ClusterCertificatesTests()
    {
        _ours = new TestAuthority(_folder.Location, "ours");
        _others = new TestAuthority(_folder.Location, "others");
    }

    [Fact]
    public void Only_valid_certificates_of_the_same_authority_are_trusted()
    {
        ClusterCertificates silo = Load(Settings(_ours.Sign("silo"), _ours));
        ClusterCertificates gateway = Load(Settings(_ours.Sign("gateway"), _ours));
        ClusterCertificates stranger = Load(Settings(_others.Sign("stranger"), _others));

        Assert.True(silo.Trusts(gateway.Own));
        Assert.True(gateway.Trusts(silo.Own));
        Assert.False(silo.Trusts(stranger.Own));
        Assert.False(new ClusterCertificates(Settings(_ours.Sign("late"), _ours), new Later(TimeSpan.FromHours(2)))
            .Trusts(Load(Settings(_ours.Sign("short", TimeSpan.FromHours(1)), _ours)).Own));
    }

    [Fact]
    public void A_renewed_certificate_is_loaded_and_a_broken_one_is_not()
    {
        (string Certificate, string Key) files = _ours.Sign("renewed");
        ClusterCertificates certificates = Load(Settings(files, _ours));
        string first = certificates.Own.Thumbprint;

        _ours.Sign("renewed");
        string second = certificates.Own.Thumbprint;
        File.WriteAllText(files.Certificate, "half of a certi");

        Assert.NotEqual(first, second);
        Assert.Equal(second, certificates.Own.Thumbprint);
    }

    [Fact]
    public void A_cluster_can_trust_two_authorities_while_it_changes_from_one_to_the_other()
    {
        TlsSettings settings = Settings(_ours.Sign("silo"), _ours);
        ClusterCertificates certificates = Load(settings);
        ClusterCertificates next = Load(Settings(_others.Sign("next"), _others));
        Assert.False(certificates.Trusts(next.Own));

        File.AppendAllText(_ours.File, Environment.NewLine + File.ReadAllText(_others.File));

        Assert.True(certificates.Trusts(next.Own));
        Assert.True(certificates.Trusts(certificates.Own));
    }

    [Fact]
    public void An_unusable_file_gives_an_error_of_one_line_with_its_name()
    {
        TlsSettings good = Settings(_ours.Sign("good"), _ours);
        string nonsense = Path.Combine(_folder.Location, "nonsense.crt");
        File.WriteAllText(nonsense, "nothing of the kind");
        (string Certificate, string Key) over = _ours.Sign("over", TimeSpan.FromHours(-1));
        (string setting, TlsSettings settings)[] wrong =
        [
            ("Tls:Certificate", With(good, certificate: "/nowhere.crt")),
            ("Tls:Certificate", With(good, certificate: nonsense)),
            ("Tls:Certificate", With(good, certificate: _ours.File)),
            ("Tls:Certificate", With(good, certificate: over.Certificate, key: over.Key)),
            ("Tls:Certificate", With(good, authority: _others.File)),
            ("Tls:Key", With(good, key: "/nowhere.key")),
            ("Tls:Authority", With(good, authority: nonsense)),
        ];

        foreach ((string setting, TlsSettings settings) in wrong)
        {
            var refused = Assert.Throws<ConfigurationException>(() => Load(settings));
            Assert.StartsWith(setting, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    [Fact]
    public void Incomplete_TLS_settings_are_refused()
    {
        var refused = Assert.Throws<ConfigurationException>(() => TlsSettings.Read(With("Tls:Certificate", "/some.crt")));

        Assert.Equal("Tls:Key and Tls:Authority not set: TLS takes Certificate, Key and Authority, or none of them", refused.Message);
        Assert.Null(TlsSettings.Read(With("Tls:Certificate", "")));
    }

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
        _folder.Dispose();
    }

    private static ClusterCertificates Load(TlsSettings settings) => new(settings, TimeProvider.System);

    private static TlsSettings Settings((string Certificate, string Key) files, TestAuthority authority) =>
        new() { Certificate = files.Certificate, Key = files.Key, Authority = authority.File };

    private static TlsSettings With(TlsSettings like, string? certificate = null, string? key = null, string? authority = null) =>
        new() { Certificate = certificate ?? like.Certificate, Key = key ?? like.Key, Authority = authority ?? like.Authority };

    private static IConfiguration With(string setting, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [setting] = value }).Build();

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
