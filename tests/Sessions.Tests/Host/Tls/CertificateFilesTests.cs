using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Sessions.Host.Configuration;
using Sessions.Host.Tls;
using Sessions.Tests.Run;

namespace Sessions.Tests.Host.Tls;

/// <summary><c>certificates</c>: the files are those that silos and gateways accept.</summary>
public sealed class CertificateFilesTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private string Certificates => _folder.At("certificates");

    private string Authority => _folder.At("authority");

    [Fact]
    public void The_processes_of_a_cluster_trust_each_other_by_them()
    {
        Make();

        ClusterCertificates one = Load(), other = Load();
        Assert.True(one.Trusts(other.Own));
        Assert.True(one.Own.HasPrivateKey);
    }

    [Fact]
    public void Keys_can_be_read_by_their_owner_only_and_the_authoritys_key_is_apart()
    {
        Make();

        Assert.Equal(["ca.crt", "cluster.crt", "cluster.key"], Directory.GetFiles(Certificates).Select(Path.GetFileName).Order());
        foreach (string key in (string[])[Path.Combine(Certificates, "cluster.key"), Path.Combine(Authority, "ca.key")])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }
    }

    [Fact]
    public void A_second_call_changes_nothing_until_the_certificate_is_about_to_end()
    {
        Make();
        string first = Thumbprint();

        Assert.Empty(Make());
        _time.Advance(TimeSpan.FromDays(244));
        Assert.Empty(Make());
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(["cluster.crt", "cluster.key"], Make().Select(Path.GetFileName));

        Assert.NotEqual(first, Thumbprint());
        Assert.True(Load().Trusts(Load().Own));
    }

    [Fact]
    public void Another_authority_gives_another_certificate()
    {
        Make();
        Directory.Delete(Authority, recursive: true);

        Make();

        Assert.True(Load().Trusts(Load().Own));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_gives_an_error_of_one_line()
    {
        File.WriteAllText(_folder.At("file"), "");

        var refused = Assert.Throws<ConfigurationException>(() => CertificateFiles.Make(_folder.At("file/x"), Authority, _time));

        Assert.StartsWith("certificates: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<string> Make() => CertificateFiles.Make(Certificates, Authority, _time);

    private string Thumbprint()
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Certificates, CertificateFiles.Certificate));
        return certificate.Thumbprint;
    }

    private ClusterCertificates Load() => new(
        new TlsSettings
        {
            Certificate = Path.Combine(Certificates, CertificateFiles.Certificate),
            Key = Path.Combine(Certificates, CertificateFiles.Key),
            Authority = Path.Combine(Certificates, CertificateFiles.Authority),
        },
        _time);
}
