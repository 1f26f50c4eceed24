using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Sessions.Gateway.Access;

/// <summary>Takes requests as what their senders made: ones to the public address, which a proxy passed on over plain HTTP.</summary>
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
}
