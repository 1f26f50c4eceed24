using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Domain;

namespace Sessions.Web.Api;

/// <summary>
/// Refuses a GET with an unknown query parameter: a caller who writes <c>filter</c> instead of <c>filters</c> would
/// get everything and take it for the filtered result. The known parameters come from the API's description, so the
/// check and the description always agree.
/// </summary>
internal sealed class KnownParameters(IApiDescriptionGroupCollectionProvider described)
{
    private const int MostOfName = 100;

    private readonly Lazy<FrozenDictionary<string, string[]>> _byPath = new(() => ByPath(described));

    /// <summary>Returns what is wrong with a request's parameters; null when they are all known.</summary>
    public ProblemHttpResult? Problem(HttpContext context)
    {
        // Endpoints for all methods are those for unknown paths.
        if (!HttpMethods.IsGet(context.Request.Method)
            || context.Request.Query.Count == 0
            || context.GetEndpoint() is not RouteEndpoint endpoint
            || endpoint.Metadata.GetMetadata<HttpMethodMetadata>() is null)
        {
            return null;
        }

        string[] known = _byPath.Value.GetValueOrDefault(endpoint.RoutePattern.RawText!.Trim('/')) ?? [];
        string? unknown = context.Request.Query.Keys.FirstOrDefault(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase));
        return unknown is null ? null : Refusal(unknown.Length > MostOfName ? unknown[..MostOfName] : unknown, known);
    }

    private static ProblemHttpResult Refusal(string name, string[] known)
    {
        string meant = SimilarName.Among(known, name) is { } similar ? $". Did you mean {similar}?" : ".";
        return TypedResults.Problem(
            statusCode: StatusCodes.Status400BadRequest,
            title: "The request has an unknown parameter.",
            detail: $"{(name.Length == 0 ? "The parameter without a name" : name)} is not a parameter of this call{meant} "
                + (known.Length == 0 ? "The call has no parameters." : $"The call has {string.Join(", ", known)}."),
            extensions: new Dictionary<string, object?> { ["field"] = name });
    }

    private static FrozenDictionary<string, string[]> ByPath(IApiDescriptionGroupCollectionProvider described) =>
        described.ApiDescriptionGroups.Items.SelectMany(group => group.Items)
            .Where(call => call.HttpMethod == HttpMethods.Get && call.RelativePath is not null)
            .ToFrozenDictionary(
                call => call.RelativePath!.Trim('/'),
                call => (string[])
                [
                    .. call.ParameterDescriptions.Where(parameter => parameter.Source == BindingSource.Query).Select(parameter => parameter.Name),
                ]);
}

/// <summary>Adds <see cref="KnownParameters"/> to calls.</summary>
internal static class KnownParametersSetup
{
    public static void AddKnownParameters(this IServiceCollection services) => services.AddSingleton<KnownParameters>();

    /// <summary>Adds the check to all calls of the group.</summary>
    public static RouteGroupBuilder RefuseUnknownParameters(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (invocation, next) =>
            invocation.HttpContext.RequestServices.GetRequiredService<KnownParameters>().Problem(invocation.HttpContext) is { } problem
                ? problem
                : await next(invocation));
        return group;
    }
}
