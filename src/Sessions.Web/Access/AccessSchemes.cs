namespace Sessions.Web.Access;

/// <summary>The names of the authentication schemes and policies.</summary>
public static class AccessSchemes
{
    /// <summary>Programs send the API key with each request.</summary>
    public const string ApiKey = "ApiKey";

    /// <summary>People enter the API key once, at the sign-in page.</summary>
    public const string Cookie = "Cookie";

    /// <summary>Either of both: a request with a key is authenticated by it, one without by its cookie.</summary>
    public const string KeyOrCookie = "KeyOrCookie";

    /// <summary>The policy of the API. The pages' own scripts call it too.</summary>
    public const string ApiPolicy = "Api";

    /// <summary>The policy of calls that only an admin's key may make.</summary>
    public const string ApiAdminPolicy = "ApiAdmin";

    /// <summary>The policy of calls that only the operator's key may make.</summary>
    public const string ApiOperatorPolicy = "ApiOperator";

    /// <summary>The policy of pages.</summary>
    public const string PagesPolicy = "Pages";

    /// <summary>The policy of pages and forms that are for admins only.</summary>
    public const string PagesAdminPolicy = "PagesAdmin";

    /// <summary>The policy of pages and forms that are for the operator only.</summary>
    public const string PagesOperatorPolicy = "PagesOperator";
}
