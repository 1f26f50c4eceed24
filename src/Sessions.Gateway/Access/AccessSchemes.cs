namespace Sessions.Gateway.Access;

/// <summary>The names of the ways in and of what they allow.</summary>
public static class AccessSchemes
{
    /// <summary>Programs send the API key with each request.</summary>
    public const string ApiKey = "ApiKey";

    /// <summary>People give the API key once, at the sign-in page.</summary>
    public const string Cookie = "Cookie";

    /// <summary>Either: a request with a key is judged by it, one without by its cookie.</summary>
    public const string KeyOrCookie = "KeyOrCookie";

    /// <summary>The policy of what programs call. The pages' own scripts call it too.</summary>
    public const string ApiPolicy = "Api";

    /// <summary>The policy of calls that only an admin's key may make.</summary>
    public const string ApiAdminPolicy = "ApiAdmin";

    /// <summary>The policy of what people look at.</summary>
    public const string PagesPolicy = "Pages";

    /// <summary>The policy of pages and forms that are for admins only.</summary>
    public const string PagesAdminPolicy = "PagesAdmin";
}
