using System.Reflection;

namespace Sessions.Host;

/// <summary>The version of this build.</summary>
internal static class ProductVersion
{
    private static readonly string[] Informational =
        (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+', 2);

    /// <summary>The version, such as <c>1.2.0</c>.</summary>
    public static string Number => Informational[0];

    /// <summary>The commit that it was built from; empty when it is unknown.</summary>
    public static string Commit => Informational.Length > 1 ? Informational[1] : "";
}
