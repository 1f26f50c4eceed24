using Orleans.Connections.Security;
using Sessions.Database;
using Sessions.Host.Configuration;

namespace Sessions.Host.Tls;

/// <summary>
/// Adds mutual TLS to the connections among silos, gateways and backends: both sides present a certificate.
/// </summary>
internal static class ClusterTls
{
    /// <param name="silo">The silo.</param>
    /// <param name="settings">Null means without TLS.</param>
    /// <exception cref="ConfigurationException">A file can't be used.</exception>
    public static ISiloBuilder UseClusterTls(this ISiloBuilder silo, TlsSettings? settings) =>
        settings is null ? silo : silo.UseTls(With(silo.Services, settings));

    /// <param name="client">The gateway, or a command that calls grains.</param>
    /// <param name="settings">Null means without TLS.</param>
    /// <exception cref="ConfigurationException">A file can't be used.</exception>
    public static IClientBuilder UseClusterTls(this IClientBuilder client, TlsSettings? settings) =>
        settings is null ? client : client.UseTls(With(client.Services, settings));

    private static Action<TlsOptions> With(IServiceCollection services, TlsSettings settings)
    {
        ClusterCertificates certificates = new(settings, TimeProvider.System);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<CertificateWatch>(provider, certificates, settings));
        services.AddHostedService(provider => provider.GetRequiredService<CertificateWatch>());
        services.AddSingleton(provider => new Concern(() => provider.GetRequiredService<CertificateWatch>().Trouble));
        return options =>
        {
            options.LocalCertificate = certificates.Own;
            options.LocalServerCertificateSelector = (_, _) => certificates.Own;
            options.LocalClientCertificateSelector = (_, _, _, _, _) => certificates.Own;
            options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
            // Silos find each other by addresses, which certificates do not contain. Only the issuer counts.
            options.RemoteCertificateValidation = (certificate, _, _) => certificates.Trusts(certificate);
        };
    }
}
