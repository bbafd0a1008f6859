/** A finished run as a page with pictures: {@link lenet5.report.Report} writes it, {@code index.ftlh} lays it out. */
package lenet5.report;
