using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using Orleans.Connections.Security;

namespace Sessions.Samples.GameBackend;

/// <summary>The certificate of a backend in a cluster that speaks TLS, and who has signed everybody's: PEM files.</summary>
internal sealed record TlsFiles(
    [property: JsonPropertyName("certificate")] string Certificate,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("authority")] string Authority);

/// <summary>Takes part in a cluster that speaks TLS.</summary>
internal static class TlsClient
{
    /// <summary>Shows the certificate to silos and takes only those that the same authority has signed for.</summary>
    public static IClientBuilder UseTls(this IClientBuilder cluster, TlsFiles? files)
    {
        if (files is null)
        {
            return cluster;
        }

        X509Certificate2Collection authority = [];
        authority.ImportFromPemFile(files.Authority);
        return cluster.UseTls(
            X509Certificate2.CreateFromPemFile(files.Certificate, files.Key),
            options =>
            {
                options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
                options.RemoteCertificateValidation = (silo, _, _) =>
                {
                    using X509Chain chain = new();
                    chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                    chain.ChainPolicy.CustomTrustStore.AddRange(authority);
                    chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                    return chain.Build(silo);
                };
            });
    }
}
