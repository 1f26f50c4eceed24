using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Sessions.Web.Access;

/// <summary>
/// Gives requests the public address that their senders used, when a proxy forwards them over plain HTTP.
/// </summary>
internal static class PublicAddressing
{
    public static void UsePublicAddress(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.PublicAddress is not { } address)
        {
            return;
        }

        HostString host = address.IsDefaultPort ? new(address.IdnHost) : new(address.IdnHost, address.Port);
        app.Use((context, next) =>
        {
            context.Request.Scheme = address.Scheme;
            context.Request.Host = host;
            return next(context);
        });
    }

    /// <summary>
    /// Sets the headers that every answer needs. With a public address over TLS, browsers then never use plain HTTP.
    /// </summary>
    public static void UseSecurityHeaders(this WebApplication app)
    {
        bool hasTls = app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.PublicAddress?.Scheme == Uri.UriSchemeHttps;
        app.Use((context, next) =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            if (hasTls)
            {
                headers.StrictTransportSecurity = "max-age=31536000";
            }

            // The dashboard is not ours, so its scripts and styles are not restricted.
            if (context.Request.Path.StartsWithSegments("/dashboard"))
            {
                headers.ContentSecurityPolicy = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'";
            }

            return next(context);
        });
    }
}
